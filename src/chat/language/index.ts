import type { InterfaceLanguage } from "../../config/interface.ts";
import { chatEnglish, type Messages } from "./en.ts";
import { chatJapanese } from "./ja.ts";

export type { Messages } from "./en.ts";
export { detectLanguage } from "./language.ts";

const CHAT_TEXT: Readonly<Record<InterfaceLanguage, Messages>> = { en: chatEnglish, ja: chatJapanese };

export function messagesIn(language: InterfaceLanguage): Messages {
  return CHAT_TEXT[language];
}
