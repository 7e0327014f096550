import type { Translation } from "../language.ts";
import { chat } from "./chat.ts";
import { cli } from "./cli.ts";
import { errors, reasons } from "./errors.ts";
import { help } from "./help.ts";
import { report } from "./report.ts";
import { setup } from "./setup.ts";

/** All text that users see, in English. */
export const en = { chat, cli, errors, reasons, help, report, setup };

/** The same in another language: a text that is missing, or takes other parameters, does not compile. The codes of errors are not text. */
export type Catalogue = Omit<typeof en, "errors"> & { readonly errors: Translation<typeof errors> };
