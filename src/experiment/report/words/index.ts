import { english, type ReportWords } from "./english.ts";
import { japanese } from "./japanese.ts";

export type { ReportWords } from "./english.ts";

const CATALOGUE: Readonly<Record<ReportWords["language"], ReportWords>> = {
  en: { ...english, language: "en" },
  ja: japanese,
};

/** What reports say in a language. */
export function reportWordsIn(language: ReportWords["language"]): ReportWords {
  return CATALOGUE[language];
}
