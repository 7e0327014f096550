import type { InterfaceLanguage } from "../../src/config/interface.ts";
import { setupEnglish, type SetupWords } from "./english.ts";
import { setupJapanese } from "./japanese.ts";

export type { SetupWords } from "./english.ts";

const SETUP_TEXT: Readonly<Record<InterfaceLanguage, SetupWords>> = { en: setupEnglish, ja: setupJapanese };

export function setupWordsIn(language: InterfaceLanguage): SetupWords {
  return SETUP_TEXT[language];
}
