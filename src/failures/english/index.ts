import { asking } from "./asking.ts";
import { download } from "./download.ts";
import { experiment } from "./experiment.ts";
import { files } from "./files.ts";
import { schemaReasons, schemas } from "./schemas.ts";
import { server } from "./server.ts";
import { reasons as reasonsElsewhere } from "./reasons.ts";
import { sessions } from "./sessions.ts";
import { setupReasons } from "./setup-reasons.ts";
import { setup } from "./setup.ts";
import { tools } from "./tools.ts";

export const failures = {
  ...asking,
  ...download,
  ...experiment,
  ...files,
  ...schemas,
  ...server,
  ...sessions,
  ...setup,
  ...tools,
};

export const reasons = { ...reasonsElsewhere, ...schemaReasons, ...setupReasons };
