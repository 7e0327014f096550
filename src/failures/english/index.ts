import { asking } from "./asking.ts";
import { download } from "./download.ts";
import { experiment } from "./experiment.ts";
import { server } from "./server.ts";
import { sessions } from "./sessions.ts";
import { setup } from "./setup.ts";
import { tools } from "./tools.ts";

export { reasons } from "./reasons.ts";

export const failures = { ...asking, ...download, ...experiment, ...server, ...sessions, ...setup, ...tools };
