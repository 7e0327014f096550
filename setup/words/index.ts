import type { InterfaceLanguage } from "../../src/config/interface.ts";
import { english, type SetupWords } from "./english.ts";
import { japanese } from "./japanese.ts";

export type { SetupWords } from "./english.ts";

const CATALOGUE: Readonly<Record<InterfaceLanguage, SetupWords>> = { en: english, ja: japanese };

export function setupWordsIn(language: InterfaceLanguage): SetupWords {
  return CATALOGUE[language];
}
