import type { HelpLanguage } from "../catalogue.ts";
import * as texts from "./index.ts";
import { layout } from "./layout.ts";
import { usageError } from "./usage-errors.ts";

export const JAPANESE: HelpLanguage = { texts, layout, usageError };
