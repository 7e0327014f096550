import type { InterfaceLanguage } from "../../config/interface.ts";
import { english, type CommandWords } from "./english.ts";
import { japanese } from "./japanese.ts";

export type { CommandWords } from "./english.ts";

const CATALOGUE: Readonly<Record<InterfaceLanguage, CommandWords>> = { en: english, ja: japanese };

export function commandWordsIn(language: InterfaceLanguage): CommandWords {
  return CATALOGUE[language];
}
