import { diffWordsWithSpace } from "diff";
import { showableLine, showableText } from "../../text/showable-text.ts";
import { type AnswerPair, pairAnswers } from "../results/pair-answers.ts";
import type { CellResult, Results } from "../results/results.ts";
import { statusOf } from "../results/status.ts";
import { type ReportWords, reportWordsIn } from "./words/index.ts";

export interface DiffTextOptions {
  /** Only this arm. */
  readonly arm?: string | undefined;
  /** Equal answers too. */
  readonly all: boolean;
  /** Escape sequences instead of [-…-] and {+…+}. */
  readonly colour: boolean;
  readonly language?: ReportWords["language"] | undefined;
}

// Japanese has no spaces between words
const words = new Intl.Segmenter("ja", { granularity: "word" });

/** Answers beside the baseline's, in the manner of `git diff --word-diff`. */
export function renderDiff(results: Results, { arm, all, colour, language = "en" }: DiffTextOptions): string {
  const reportWords = reportWordsIn(language);
  const pairs = pairAnswers(results).filter((pair) => (all || pair.differs) && (arm === undefined || pair.arm === arm));
  if (pairs.length === 0) return `${reportWords.noAnswerDiffers}\n`;
  return pairs.map((pair) => renderPair(pair, colour, reportWords)).join("\n");
}

function renderPair(
  { arm, baseline, case: input, repeat, before, after }: AnswerPair,
  colour: boolean,
  reportWords: ReportWords,
): string {
  const title = showableLine(
    `${input} #${repeat}: ${baseline} (${describe(before, reportWords)}) → ${arm} (${describe(after, reportWords)})`,
  );
  const body = diffWordsWithSpace(finalOf(before), finalOf(after), { intlSegmenter: words })
    .map(({ value, added, removed }) => mark(value, added ? "added" : removed ? "removed" : "same", colour))
    .join("");
  return `${title}\n${body.replaceAll(/^/gm, "  ")}\n`;
}

/** An answer must not steer the terminal that it is read on. */
function finalOf({ answer }: CellResult): string {
  return showableText(answer?.final ?? "");
}

function mark(text: string, change: "added" | "removed" | "same", colour: boolean): string {
  if (change === "same") return text;
  if (colour) return `\x1b[${change === "added" ? 32 : 31}m${text}\x1b[39m`;
  return change === "added" ? `{+${text}+}` : `[-${text}-]`;
}

function describe(cell: CellResult, { statuses }: ReportWords): string {
  const status = statuses[statusOf(cell)];
  return cell.score === null ? status : `${status} ${cell.score.toFixed(2)}`;
}
