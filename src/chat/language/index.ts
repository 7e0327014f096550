import type { InterfaceLanguage } from "../../config/interface.ts";
import { en, type Messages } from "./en.ts";
import { ja } from "./ja.ts";

export type { Messages } from "./en.ts";
export { detectLanguage } from "./language.ts";

const CATALOGUE: Readonly<Record<InterfaceLanguage, Messages>> = { en, ja };

export function messagesIn(language: InterfaceLanguage): Messages {
  return CATALOGUE[language];
}
