import { type Catalogue, en } from "./en/index.ts";
import { ja } from "./ja/index.ts";
import type { InterfaceLanguage } from "./language.ts";

export type { Messages } from "./en/chat.ts";
export type { CommandWords } from "./en/cli.ts";
export type { Catalogue } from "./en/index.ts";
export type { ReportWords } from "./en/report.ts";
export type { SetupWords } from "./en/setup.ts";

const CATALOGUES: Readonly<Record<InterfaceLanguage, Catalogue>> = { en, ja };

/** All text that users see, in a language. */
export function textFor(language: InterfaceLanguage): Catalogue {
  return CATALOGUES[language];
}
