import { english, type ReportWords } from "./en/report.ts";
import { japanese } from "./ja/report.ts";

export type { ReportWords } from "./en/report.ts";

const CATALOGUE: Readonly<Record<ReportWords["language"], ReportWords>> = {
  en: { ...english, language: "en" },
  ja: japanese,
};

/** What reports say in a language. */
export function reportWordsIn(language: ReportWords["language"]): ReportWords {
  return CATALOGUE[language];
}
