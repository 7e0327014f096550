import type { Catalogue } from "../en/index.ts";
import { chat } from "./chat.ts";
import { cli } from "./cli.ts";
import { errors, reasons } from "./errors.ts";
import { help } from "./help.ts";
import { report } from "./report.ts";
import { setup } from "./setup.ts";

/** All text that users see, in Japanese. */
export const ja: Catalogue = { chat, cli, errors, reasons, help, report, setup };
