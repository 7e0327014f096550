import { chatEnglish, type Messages } from "./en/chat.ts";
import { cliEnglish, type CommandWords } from "./en/cli.ts";
import { setupEnglish, type SetupWords } from "./en/setup.ts";
import { chatJapanese } from "./ja/chat.ts";
import { cliJapanese } from "./ja/cli.ts";
import { setupJapanese } from "./ja/setup.ts";
import type { InterfaceLanguage } from "./language.ts";

export type { CommandWords } from "./en/cli.ts";

const CLI_TEXT: Readonly<Record<InterfaceLanguage, CommandWords>> = { en: cliEnglish, ja: cliJapanese };

export function commandWordsIn(language: InterfaceLanguage): CommandWords {
  return CLI_TEXT[language];
}

export type { Messages } from "./en/chat.ts";
export { detectLanguage } from "./language.ts";

const CHAT_TEXT: Readonly<Record<InterfaceLanguage, Messages>> = { en: chatEnglish, ja: chatJapanese };

export function messagesIn(language: InterfaceLanguage): Messages {
  return CHAT_TEXT[language];
}

export type { SetupWords } from "./en/setup.ts";

const SETUP_TEXT: Readonly<Record<InterfaceLanguage, SetupWords>> = { en: setupEnglish, ja: setupJapanese };

export function setupWordsIn(language: InterfaceLanguage): SetupWords {
  return SETUP_TEXT[language];
}
