import stringWidth from "string-width";
import type { ReportText } from "../../i18n/catalogue.ts";
import { showableText } from "../../terminal/untrusted-text.ts";
import { describeReason } from "../checks/check-reason.ts";
import type { VariantSummary, Comparison, Results } from "../results/results.ts";

/** One column of the summary: its title and its cells. The terminal's table and Markdown share them. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (variant: VariantSummary, results: Results) => string;
}

const NOTHING = "—";

function columnsIn(words: ReportText): readonly Column[] {
  const { columns } = words;
  return [
    { title: columns.variant, align: "left", cell: ({ id }) => id },
    { title: columns.score, align: "right", cell: ({ score }) => (score ? fixed(score.mean) : NOTHING) },
    {
      title: columns.interval,
      align: "right",
      cell: ({ score }) => (score ? `${fixed(score.low)}–${fixed(score.high)}` : NOTHING),
    },
    { title: columns.pass, align: "right", cell: ({ passRate }) => (passRate === null ? NOTHING : percent(passRate)) },
    {
      title: columns.comparison,
      align: "left",
      cell: (variant, results) => comparisonCell(comparisonOf(variant, results), words),
    },
    { title: columns.flips, align: "right", cell: (variant, results) => describeFlips(comparisonOf(variant, results)) },
    {
      title: columns.tokens,
      align: "right",
      cell: ({ thinkingTokens, answerTokens }) => `${Math.round(thinkingTokens)} / ${Math.round(answerTokens)}`,
    },
    { title: columns.firstToken, align: "right", cell: ({ firstTokenMs }) => duration(firstTokenMs) },
    { title: columns.speed, align: "right", cell: ({ tokensPerSecond }) => String(Math.round(tokensPerSecond)) },
    { title: columns.cache, align: "right", cell: ({ cacheShare }) => percent(cacheShare) },
    { title: columns.answers, align: "right", cell: (variant, results) => describeCoverage(variant, results, words) },
    { title: columns.noAnswer, align: "right", cell: ({ absent = 0 }) => unlessZero(absent) },
    { title: columns.notJudged, align: "right", cell: ({ undecided = 0 }) => unlessZero(undecided) },
    { title: columns.truncated, align: "right", cell: ({ truncated }) => unlessZero(truncated) },
    { title: columns.errors, align: "right", cell: ({ errors }) => unlessZero(errors) },
  ];
}

function unlessZero(count: number): string {
  return count === 0 ? "" : String(count);
}

/** A column that has nothing to say anywhere is left out. */
export function shownColumns(results: Results, words: ReportText): readonly Column[] {
  return columnsIn(words).filter(({ cell }) =>
    results.variants.some((variant) => !["", NOTHING].includes(cell(variant, results))),
  );
}

/** Cases of a variant, and how many of them have an answer. */
export function coverageOf(
  { id }: VariantSummary,
  { cells }: Results,
): { readonly answered: number; readonly cases: number } {
  const own = cells.filter(({ variant }) => variant === id);
  const answered = own.filter(({ answer, error }) => answer !== undefined && error === undefined);
  return {
    answered: new Set(answered.map((cell) => cell.case)).size,
    cases: new Set(own.map((cell) => cell.case)).size,
  };
}

/** Variants in the order of the definition; those whose numbers come from only some of their cases are last. */
export function variantsInOrder(results: Results): readonly VariantSummary[] {
  const shareOf = (variant: VariantSummary) => {
    const { answered, cases } = coverageOf(variant, results);
    return cases === 0 ? 0 : answered / cases;
  };
  return results.variants.toSorted((one, other) => shareOf(other) - shareOf(one));
}

function describeCoverage(variant: VariantSummary, results: Results, words: ReportText): string {
  const { answered, cases } = coverageOf(variant, results);
  return answered === cases ? "" : words.coverage(answered, cases);
}

function comparisonOf({ id }: VariantSummary, { comparisons }: Results): Comparison | undefined {
  return comparisons.find(({ variant }) => variant === id);
}

function comparisonCell(comparison: Comparison | undefined, words: ReportText): string {
  if (!comparison) return NOTHING;
  const { difference, adjustedPValue, verdict } = comparison;
  return `${signed(difference.mean)} ${pEquation(adjustedPValue)} ${words.verdicts[verdict]}`;
}

function describeFlips(comparison: Comparison | undefined): string {
  return comparison ? `${comparison.gained.length} / ${comparison.lost.length}` : NOTHING;
}

export function fixed(value: number): string {
  return value.toFixed(2);
}

export function signed(value: number): string {
  // what is nothing in two digits is not less than nothing
  return `${value <= -0.005 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

export function pValue(value: number): string {
  return value < 0.001 ? "<.001" : value.toFixed(3).replace(/^0/, "");
}

/** "p=.031", or "p<.001". */
function pEquation(value: number): string {
  const shown = pValue(value);
  return shown.startsWith("<") ? `p${shown}` : `p=${shown}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** "recall, run 2026-11-26-3fa2c1: fast mode (4 slots, prompt cache), demo, llama.cpp b1-de3ff81". */
export function titleOf({ experiment, run, mode, slots, models, build }: Results, words: ReportText): string {
  const how = mode === "fast" ? words.fastMode(slots) : words.exactMode;
  return words.title(experiment.name, run, how, words.and(models.map(({ name }) => name)), build);
}

/** What follows from the numbers, one sentence for each comparison, requirement and judge. */
export function conclusionsOf(results: Results, words: ReportText): readonly string[] {
  return [
    ...incompleteOf(results, words),
    ...results.comparisons.map((comparison) => describeComparison(comparison, words)),
    ...describeEarlier(results, words),
    ...results.variants.flatMap((variant) => describePassAll(variant, words)),
    ...results.agreements.map((agreement) => describeAgreement(agreement, words)),
    ...results.requirements.map((requirement) =>
      requirement.met
        ? words.requirementMet(requirement.text)
        : words.requirementNotMet(requirement.text, describeFailures(requirement, words)),
    ),
  ];
}

function describeFailures({ why, reasons = [] }: Results["requirements"][number], words: ReportText): string {
  if (reasons.length === 0) return why;
  return words.list(reasons.map((reason) => describeReason({ why: reason.key, reason }, words.reasons)));
}

/** A run that added cases to one whose results were known. */
function describeEarlier({ earlier = [], cases, comparisons }: Results, words: ReportText): readonly string[] {
  if (earlier.length === 0 || comparisons.length === 0) return [];
  return [words.casesAdded(words.and(earlier.map((run) => `${run.run} (${run.cases})`)), cases.length)];
}

/** Of all repeats together. */
function describePassAll({ id, passHatK = [] }: VariantSummary, words: ReportText): readonly string[] {
  const last = passHatK.at(-1);
  return last ? [words.passAll(id, last.k, percent(last.mean), percent(last.low), percent(last.high))] : [];
}

function describeAgreement(
  { check, count, share, low, high, kappa }: Results["agreements"][number],
  words: ReportText,
): string {
  const agrees = words.agreement(check, percent(share), count, percent(low), percent(high));
  return kappa === null
    ? words.noKappa(agrees)
    : words.kappa(agrees, fixed(kappa.value), fixed(kappa.low), fixed(kappa.high));
}

function incompleteOf({ variants, cells, comparisons }: Results, words: ReportText): readonly string[] {
  const refused = cells.filter((cell) => cell.refused === true).length;
  const failed = cells.filter((cell) => cell.error !== undefined && cell.refused !== true).length;
  const missing = cells.filter(({ error, answer }) => error === undefined && answer === undefined).length;
  const absent = variants.reduce((sum, variant) => sum + (variant.absent ?? 0), 0);
  const undecided = variants.reduce((sum, variant) => sum + (variant.undecided ?? 0), 0);
  const planned = new Set(cells.map((cell) => cell.case)).size;
  return [
    ...(refused > 0 ? [words.refused(refused)] : []),
    ...(failed > 0 ? [words.failed(failed)] : []),
    ...(missing > 0 ? [words.missing(missing, cells.length)] : []),
    ...(absent > 0 ? [words.absent(absent)] : []),
    ...(undecided > 0 ? [words.undecided(undecided)] : []),
    ...comparisons.flatMap(({ variant, baseline, cases }) =>
      cases < planned ? [words.comparedOn(variant, baseline, cases, planned)] : [],
    ),
  ];
}

export function describeComparison(comparison: Comparison, words: ReportText): string {
  const { variant, baseline, cases, difference, adjustedPValue, verdict, detectable, gained, lost } = comparison;
  const { mean, low, high } = difference;
  const numbers = words.difference(signed(mean), signed(low), signed(high), pValue(adjustedPValue));
  const flips = words.flipped(gained.length, lost.length);
  if (verdict !== "cannot tell") return words.verdict(variant, verdict, baseline, numbers, flips);
  const limit = detectable === undefined ? words.tooFew(cases) : words.detectable(cases, fixed(detectable));
  return words.cannotTell(variant, baseline, numbers, flips, limit);
}

const GAP = "  ";

/** The report for a terminal; Japanese characters count as the two columns that they take. */
export function renderTable(results: Results, words: ReportText): string {
  const sentences = conclusionsOf(results, words);
  const text = [
    titleOf(results, words),
    "",
    ...tableLines(results, words),
    ...checkLines(results, words),
    ...(sentences.length > 0 ? ["", ...sentences] : []),
    "",
    words.method,
    "",
  ].join("\n");
  // names come from a file, and what is said of a failed cell from a server
  return showableText(text);
}

function tableLines(results: Results, words: ReportText): readonly string[] {
  const columns = shownColumns(results, words);
  const rows = variantsInOrder(results).map((variant) => columns.map(({ cell }) => cell(variant, results)));
  return alignRows(columns, rows);
}

function checkLines(results: Results, words: ReportText): readonly string[] {
  const [head, ...rows] = checkRows(results, words);
  if (!head) return [];
  const columns = head.map((title, index) => ({ title, align: index === 0 ? ("left" as const) : ("right" as const) }));
  return ["", ...alignRows(columns, rows)];
}

/** Mean of every check by variant under a row of titles; nothing if there is only one check. */
export function checkRows({ checks, variants }: Results, words: ReportText): readonly (readonly string[])[] {
  if (checks.length < 2) return [];
  return [
    [words.columns.check, ...variants.map(({ id }) => id)],
    ...checks.map(({ name, weight }) => [
      weight === 0 ? words.shownOnly(name) : name,
      ...variants.map((variant) => variant.checks[name]?.toFixed(2) ?? NOTHING),
    ]),
  ];
}

function alignRows(
  columns: readonly Pick<Column, "title" | "align">[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => stringWidth(row[index] ?? ""))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? "left"))
      .join(GAP)
      .trimEnd();
  const [head = "", ...body] = all.map(line);
  return [head, widths.map((width) => "─".repeat(width)).join(GAP), ...body];
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** The summary as Markdown, for a pull request or a notebook. */
export function renderMarkdown(results: Results, words: ReportText): string {
  const columns = shownColumns(results, words);
  const flips = results.comparisons.filter(({ gained, lost }) => gained.length + lost.length > 0);
  return [
    `# ${escapeMarkdown(titleOf(results, words))}`,
    "",
    ...(results.experiment.description === undefined ? [] : [escapeMarkdown(results.experiment.description), ""]),
    markdownRow(columns.map(({ title }) => title)),
    markdownRow(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...variantsInOrder(results).map((variant) =>
      markdownRow(columns.map(({ cell }) => escapeMarkdown(cell(variant, results)))),
    ),
    "",
    ...conclusionsOf(results, words).map((sentence) => `- ${escapeMarkdown(sentence)}`),
    ...flips.flatMap(({ variant, baseline, gained, lost }) => [
      "",
      words.flipsOf(
        escapeMarkdown(variant),
        escapeMarkdown(baseline),
        [...gained.map((id) => `+${escapeMarkdown(id)}`), ...lost.map((id) => `−${escapeMarkdown(id)}`)].join(", "),
      ),
    ]),
    "",
    words.method,
    "",
  ].join("\n");
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Names and sentences come from a definition, which must not write markup. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`).replaceAll("\n", " ");
}
