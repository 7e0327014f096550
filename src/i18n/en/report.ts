import type { InterfaceLanguage } from "../language.ts";
import { checkReasons } from "./check-reasons.ts";

/** What reports say in English. */
export const report = {
  language: "en" as InterfaceLanguage,
  and: (names: readonly string[]) => names.join(" and "),
  list: (reasons: readonly string[]) => reasons.join("; "),
  title: (name: string, run: string, how: string, models: string, build: string) =>
    `${name}, run ${run}: ${how}, ${models}, llama.cpp ${build}`,
  fastMode: (slots: number) => `fast mode (${counted(slots, "slot")}, prompt cache)`,
  exactMode: "exact mode (one slot, no cache)",

  columns: {
    variant: "variant",
    score: "score",
    interval: "95% CI",
    pass: "pass",
    comparison: "vs baseline",
    flips: "+/− cases",
    tokens: "think/answer tok",
    firstToken: "TTFT",
    speed: "tok/s",
    cache: "cache",
    answers: "answers",
    noAnswer: "no answer",
    notJudged: "not judged",
    truncated: "truncated",
    errors: "errors",
    check: "check",
  },
  coverage: (answered: number, cases: number) => `${answered} of ${cases} cases`,
  shownOnly: (check: string) => `${check} (not scored)`,
  verdicts: { better: "better", worse: "worse", "cannot tell": "inconclusive" },
  statuses: { pass: "pass", fail: "fail", unknown: "unknown", error: "error", missing: "missing" } as Readonly<
    Record<"pass" | "fail" | "unknown" | "error" | "missing", string>
  >,

  refused: (cells: number) =>
    `The server rejected ${counted(cells, "request")}; ${cells === 1 ? "it counts" : "they count"} as failed.`,
  failed: (cells: number) =>
    `${counted(cells, "result")} failed and ${cells === 1 ? "does" : "do"} not count. Run the experiment again to retry.`,
  missing: (missing: number, cells: number) =>
    `${counted(missing, "result")} of ${cells} have not run yet. Run the experiment again to continue.`,
  absent: (cells: number) =>
    `${counted(cells, "result")} ended without an answer; all checks of ${cells === 1 ? "that answer" : "those answers"} count as failed.`,
  undecided: (answers: number) =>
    `${counted(answers, "answer")} could not be judged by every check; the scores exclude those checks.`,
  comparedOn: (variant: string, baseline: string, cases: number, planned: number) =>
    `${variant} and ${baseline} are compared on ${cases} of ${planned} cases.`,
  difference: (mean: string, low: string, high: string, p: string) =>
    `${mean} (95% CI ${low} to ${high}), p${p.startsWith("<") ? p : `=${p}`}`,
  flipped: (gained: number, lost: number) => `${counted(gained, "case")} improved, ${lost} regressed`,
  verdict: (variant: string, verdict: "better" | "worse", baseline: string, numbers: string, flips: string) =>
    `${variant} is ${verdict} than ${baseline}: ${numbers}; ${flips}.`,
  cannotTell: (variant: string, baseline: string, numbers: string, flips: string, limit: string) =>
    `${variant} against ${baseline}: inconclusive. ${numbers}; ${flips}; ${limit}.`,
  tooFew: (cases: number) =>
    `${counted(cases, "case")} ${cases === 1 ? "is" : "are"} too few to detect any difference; at least 6 are needed (more for several comparisons)`,
  detectable: (cases: number, difference: string) =>
    `${counted(cases, "case")} can detect a difference of about ${difference} or more with 80% power`,
  casesAdded: (runs: string, cases: number) =>
    `Cases were added after earlier results: ${runs}, now ${cases}. Each look is another chance of a false alarm, so the p-values are too small. ` +
    "Decide on the number of cases first, or compare on new cases only.",
  passAll: (variant: string, attempts: number, share: string, low: string, high: string) =>
    `${variant}: all ${attempts} repeats pass in ${share} of the cases (pass^${attempts}; 95% CI ${low} to ${high}).`,
  agreement: (check: string, share: string, answers: number, low: string, high: string) =>
    `${check} agrees with people on ${share} of ${counted(answers, "labelled answer")} (95% CI ${low} to ${high})`,
  noKappa: (agrees: string) => `${agrees}; all labels are the same, so Cohen's kappa is undefined.`,
  kappa: (agrees: string, value: string, low: string, high: string) =>
    `${agrees}; Cohen's kappa ${value} (${low} to ${high}).`,
  requirementMet: (text: string) => `Requirement ${text}: met.`,
  requirementNotMet: (text: string, why: string) => `Requirement ${text}: NOT MET (${why}).`,
  flipsOf: (variant: string, baseline: string, cases: string) =>
    `Cases of ${variant} that improved (+) or regressed (−) against ${baseline}: ${cases}`,
  method:
    "Score: mean over cases, repeats averaged first, with a 95% interval over cases (Clopper-Pearson for passes and failures, Student's t for other scores). " +
    "Comparison: two-sided paired sign-flip test on the cases' scores, p-values adjusted by Holm's method; its interval comes from the same test at the same level. " +
    "Times are measured by the server and are medians over results.",
  reasons: checkReasons,
  noAnswerDiffers: "No answer differs.",

  page: {
    facts: (cells: number, repeats: number, seed: number, date: string, at: string) =>
      `${cells.toLocaleString("en-US")} results, ${repeats === 1 ? "1 repeat" : `${repeats} repeats`} from seed ${seed}, date told to the model ${date}, generated ${at} UTC`,
    skip: "Skip to the report",
    sections: "Sections",
    summary: "Summary",
    tableOfVariants: "Table of variants",
    variantsCaption: "Variants: one prompt with one setting",
    checksCaption: "Mean score of each check",
    tableOfChecks: "Table of checks",
    promptOf: (variant: string) => `Prompt of ${variant}`,
    systemMessage: "System message",
    userMessage: "User message",
    program: "Program",
    trajectory: (steps: number) => `Trajectory: ${counted(steps, "model call")}`,
    charts: "Charts",
    scoresChart: "Scores with 95% intervals",
    scoresLabel: "Scores of the variants with their intervals",
    interval: (low: string, high: string) => `${low} to ${high}`,
    differenceChart: (variant: string, baseline: string) => `${variant} − ${baseline}, case by case`,
    differenceLabel: (variant: string, baseline: string) =>
      `Difference of each case between ${variant} and ${baseline}`,
    differenceAxis: "difference in the case's score",
    score: "score",
    tokensChart: "Tokens per result: thinking and answer",
    tokensLabel: "Mean tokens per result by variant: thinking and answer",
    tokensMean: "tokens, mean",
    thinking: "thinking",
    answer: "answer",
    lengthChart: "Length of the answers, in characters",
    characters: "characters",
    thinkingChart: "Thinking, in tokens",
    tokens: "tokens",
    latencyChart: "Latency, in milliseconds, measured by the server",
    distribution: (label: string) => `Distribution of ${label} by variant`,
    cells: "results",
    cacheChart: "Share of prompt tokens from the cache",
    cacheLabel: "Share of prompt tokens from the server's cache by variant",
    cached: "cached",
    sideBySide: "Side by side",
    comparedWith: "Compared with the baseline",
    against: (variant: string, baseline: string) => `${variant} against ${baseline}`,
    onlyDiffering: "only different answers",
    onlyFlips: "only improved or regressed",
    chooseSideBySide: "Choose what to compare side by side",
    pairs: "pairs",
    answers: "answers",
    answersTitle: "Answers",
    filterAnswers: "Filter answers",
    variant: "Variant",
    outcome: "Outcome",
    fails: "Failed check",
    any: "any",
    change: "Change from the baseline",
    changes: { either: "improved or regressed", improved: "improved", regressed: "regressed" },
    endings: { truncated: "truncated", unanswered: "no answer" },
    withoutScript: "This page shows charts and filters if JavaScript is on.",
    firstOf: (shown: number, total: number) =>
      `The first ${shown} of ${total.toLocaleString("en-US")} results. The CSV format contains all of them.`,
    checks: "checks",
    search: "Search",
    caseOrText: "case or text",
    head: ["case", "variant", "outcome", "answer"],
    notAskedYet: "not run yet",
    tokenFacts: (thinking: number, answer: number, finish: string) =>
      `${thinking} thinking and ${answer} answer tokens, ${finish}`,
    cacheFacts: (cached: number, prompt: number, seed: number) =>
      `${cached} of ${prompt} prompt tokens cached, seed ${seed}`,
    details: "Thinking and numbers",
    inputAndPrompt: "Input and prompt",
    expected: "Expected",
    renderedPrompt: "Prompt as the model read it",
    noThinking: "(no thinking)",
    previous: "Previous",
    next: "Next",
    noneFit: (noun: string) => `No ${noun} match.`,
    shown: (first: number, last: number, total: number, noun: string) =>
      `${first}–${last} of ${total.toLocaleString("en-US")} ${noun}`,
  },
};

export type ReportText = typeof report;

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
