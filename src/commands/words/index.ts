import type { InterfaceLanguage } from "../../config/interface.ts";
import { cliEnglish, type CommandWords } from "./english.ts";
import { cliJapanese } from "./japanese.ts";

export type { CommandWords } from "./english.ts";

const CLI_TEXT: Readonly<Record<InterfaceLanguage, CommandWords>> = { en: cliEnglish, ja: cliJapanese };

export function commandWordsIn(language: InterfaceLanguage): CommandWords {
  return CLI_TEXT[language];
}
