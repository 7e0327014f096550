import { stringify } from "csv-stringify/sync";
import { diffWordsWithSpace } from "diff";
import { type ReportText, textFor } from "../../i18n/catalogue.ts";
import { showableLine, showableText } from "../../terminal/untrusted-text.ts";
import type { Format } from "../definition/experiment.ts";
import type { Label } from "../definition/test-cases.ts";
import { statusOf, type AnswerPair, pairAnswers } from "../results/answer-pairs.ts";
import type { Results, CellResult } from "../results/results.ts";
import { titleOf, renderMarkdown, renderTable } from "./tables.ts";
import { renderHtml } from "./html.ts";

/** One line a cell, for a spreadsheet. Formulas in answers are made text by the quote that spreadsheets know. */
export function renderCsv({ cells, checks, mode }: Results): string {
  const names = checks.map(({ name }) => name);
  const records = cells.map((cell) => [
    cell.variant,
    cell.case,
    cell.repeat,
    cell.seed,
    mode,
    statusOf(cell),
    cell.score,
    ...names.map((name) => cell.checks.find(({ check }) => check === name)?.score ?? null),
    cell.answer?.finishReason,
    cell.answer?.tokens.thinking,
    cell.answer?.tokens.answer,
    cell.answer?.tokens.prompt,
    cell.answer?.tokens.cached,
    cell.answer?.promptMs,
    cell.answer?.generationMs,
    cell.answer?.final,
    cell.answer?.analysis,
    cell.error,
  ]);
  const head = [
    "variant",
    "case",
    "repeat",
    "seed",
    "mode",
    "status",
    "score",
    ...names.map((name) => `check:${name}`),
  ];
  const tail = ["finish_reason", "thinking_tokens", "answer_tokens", "prompt_tokens", "cached_tokens"];
  const columns = [...head, ...tail, "prompt_ms", "generation_ms", "final", "analysis", "error"];
  return stringify([columns, ...records], { escape_formulas: true });
}

/** JUnit XML for a CI: a suite for each variant, a test for each cell, and a suite of the requirements. */
export function renderJunit(results: Results, words: ReportText): string {
  const suites = results.variants.map(({ id }) =>
    suite(
      id,
      results.cells.filter(({ variant }) => variant === id).map((cell) => testOfCell(cell)),
    ),
  );
  const requirements = results.requirements.map(({ text, met, why }) => ({
    xml: test({ suite: "requirements", name: text, seconds: 0 }, met ? "" : failure("failure", why, why)),
    status: met ? "pass" : "fail",
  }));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(titleOf(results, words))}">`,
    ...suites,
    ...(requirements.length > 0 ? [suite("requirements", requirements)] : []),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Test {
  readonly xml: string;
  readonly status: string;
}

function suite(name: string, tests: readonly Test[]): string {
  const count = (...statuses: readonly string[]) => tests.filter(({ status }) => statuses.includes(status)).length;
  return [
    `  <testsuite name="${escapeXml(name)}" tests="${tests.length}" failures="${count("fail")}" errors="${count("error")}" skipped="${count("missing", "unknown")}">`,
    ...tests.map(({ xml }) => xml),
    "  </testsuite>",
  ].join("\n");
}

function testOfCell(cell: CellResult): Test {
  const status = statusOf(cell);
  const seconds = ((cell.answer?.promptMs ?? 0) + (cell.answer?.generationMs ?? 0)) / 1000;
  return {
    status,
    xml: test({ suite: cell.variant, name: `${cell.case} #${cell.repeat}`, seconds }, bodyOf(cell, status)),
  };
}

function bodyOf(cell: CellResult, status: ReturnType<typeof statusOf>): string {
  if (status === "pass") return "";
  if (status === "error") return failure("error", cell.error ?? "", "");
  if (status !== "fail") return `<skipped message="${status === "missing" ? "not asked" : "no check could tell"}"/>`;
  const failed = cell.checks.filter(({ pass }) => pass === false).map(({ check, why }) => `${check}: ${why}`);
  return failure("failure", failed.join("; "), cell.answer?.final ?? "");
}

function test(
  { suite: name, name: title, seconds }: { suite: string; name: string; seconds: number },
  body: string,
): string {
  const attributes = `classname="${escapeXml(name)}" name="${escapeXml(title)}" time="${seconds.toFixed(3)}"`;
  return body === "" ? `    <testcase ${attributes}/>` : `    <testcase ${attributes}>${body}</testcase>`;
}

function failure(element: "failure" | "error", message: string, text: string): string {
  return `<${element} message="${escapeXml(message)}">${escapeXml(text)}</${element}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML has no way at all to write most control characters, nor half a surrogate pair. */
const UNWRITABLE = /(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\uFFFE\uFFFF]/gu;

function escapeXml(text: string): string {
  return text.replaceAll(UNWRITABLE, "\uFFFD").replaceAll(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}

/** A label with what a person needs in order to fill it in, and what the judge says. */
interface UnfilledLabel extends Label {
  readonly input: Readonly<Record<string, string>>;
  readonly expected?: string;
  readonly prompt?: string;
  readonly judge: { readonly pass: boolean | null; readonly why: string };
}

/** A line for each answer that a judge has judged, for people to fill in `pass`: the file that `labels:` names. */
export function renderLabels({ cells, cases, checks, prompts = {} }: Results): string {
  const inputs = new Map(cases.map((input) => [input.id, input]));
  const judges = checks.filter(({ type }) => type === "judge").map(({ name }) => name);
  const labels = new Map<string, UnfilledLabel>();
  for (const check of judges) {
    for (const cell of cells) {
      if (cell.answer === undefined) continue;
      const label = { check, case: cell.case, answer: cell.answer.final, pass: null };
      const subject = JSON.stringify(label);
      // the same answer to the same case is labeled once, whichever variants gave it
      if (labels.has(subject)) continue;
      const { variables = {}, expected } = inputs.get(cell.case) ?? {};
      const prompt = cell.prompt === undefined ? undefined : prompts[cell.prompt];
      const { pass = null, why = "" } = cell.checks.find((score) => score.check === check) ?? {};
      labels.set(subject, {
        ...label,
        input: variables,
        ...(expected !== undefined && { expected }),
        ...(prompt !== undefined && { prompt }),
        judge: { pass, why },
      });
    }
  }
  return [...labels.values()].map((label) => `${JSON.stringify(label)}\n`).join("");
}

const RENDERERS: Readonly<Record<Format, (results: Results, words: ReportText) => string>> = {
  table: renderTable,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: (results) => `${JSON.stringify(results, undefined, 2)}\n`,
  junit: renderJunit,
  html: renderHtml,
  labels: renderLabels,
};

/** A report as text. Formats for programs are the same in every language. */
export function render(results: Results, format: Format, language: ReportText["language"] = "en"): string {
  return RENDERERS[format](results, textFor(format === "junit" ? "en" : language).report);
}

export interface DiffTextOptions {
  /** Only this variant. */
  readonly variant?: string | undefined;
  /** Equal answers too. */
  readonly all: boolean;
  /** Escape sequences instead of [-…-] and {+…+}. */
  readonly colour: boolean;
  readonly language?: ReportText["language"] | undefined;
}

// Japanese has no spaces between words
const words = new Intl.Segmenter("ja", { granularity: "word" });

/** Answers beside the baseline's, in the manner of `git diff --word-diff`. */
export function renderDiff(results: Results, { variant, all, colour, language = "en" }: DiffTextOptions): string {
  const reportWords = textFor(language).report;
  const pairs = pairAnswers(results).filter(
    (pair) => (all || pair.differs) && (variant === undefined || pair.variant === variant),
  );
  if (pairs.length === 0) return `${reportWords.noAnswerDiffers}\n`;
  return pairs.map((pair) => renderPair(pair, colour, reportWords)).join("\n");
}

function renderPair(
  { variant, baseline, case: input, repeat, before, after }: AnswerPair,
  colour: boolean,
  reportWords: ReportText,
): string {
  const title = showableLine(
    `${input} #${repeat}: ${baseline} (${describe(before, reportWords)}) → ${variant} (${describe(after, reportWords)})`,
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

function describe(cell: CellResult, { statuses }: ReportText): string {
  const status = statuses[statusOf(cell)];
  return cell.score === null ? status : `${status} ${cell.score.toFixed(2)}`;
}
