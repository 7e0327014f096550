import type { InterfaceLanguage } from "../../config/interface.ts";
import type { HelpLanguage } from "./catalogue.ts";
import * as english from "./english/index.ts";

/** Commander speaks it by itself. */
export const ENGLISH: HelpLanguage = { texts: english, layout: {}, usageError: (message) => message };

/** Other languages are loaded when they are spoken. */
export async function helpIn(language: InterfaceLanguage): Promise<HelpLanguage> {
  return language === "en" ? ENGLISH : (await import("./japanese/language.ts")).JAPANESE;
}
