import { type Catalogue, en } from "./en/index.ts";
import { ja } from "./ja/index.ts";
import type { InterfaceLanguage } from "./language.ts";

export type { ChatText } from "./en/chat.ts";
export type { CliText } from "./en/cli.ts";
export type { Catalogue } from "./en/index.ts";
export type { ReportText } from "./en/report.ts";
export type { SetupText } from "./en/setup.ts";

const CATALOGUES: Readonly<Record<InterfaceLanguage, Catalogue>> = { en, ja };

/** All text that users see, in a language. */
export function textFor(language: InterfaceLanguage): Catalogue {
  return CATALOGUES[language];
}
