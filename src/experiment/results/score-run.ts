import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { UserCodeError } from "../module-thread.ts";
import { templateVariables } from "../../prompts/template.ts";
import { isAbsent } from "../absent-answer.ts";
import type { Answer } from "../answer.ts";
import { isRefused, type Row, answerIn, Store } from "../cell-store.ts";
import { type Check, type Score, checkFinder, failed, unknown, judgedAnswer, type Judged } from "../checks/check.ts";
import { negatedSentence, reasonOf } from "../checks/check-reason.ts";
import type { Experiment } from "../definition/experiment.ts";
import { loadExperimentFile, findExperiment } from "../definition/load-experiment.ts";
import { groupBy } from "../plan/order.ts";
import { readPromptTexts } from "../plan/rendered-prompts.ts";
import { readVerdict, judgeHash } from "../run/judge.ts";
import { promptsPathOf, type RunFolder, readResults, storePathOf, writeResults } from "../run/run-folder.ts";
import { agreementOf } from "../statistics/estimates.ts";
import { compareVariants, summarizeVariant, countUnjudged } from "./compare-variants.ts";
import { judgeRequirements } from "./requirements.ts";
import type { Manifest, CellResult, Results } from "./results.ts";

export interface ScoreRunOptions {
  readonly manifest: Manifest;
  readonly experiment: Pick<Experiment, "checks" | "labels" | "requirements">;
  readonly rowOf: (key: string) => Row | undefined;
  /** The rendered prompts by id; what is missing there, the reports do not show. */
  readonly promptTexts?: ReadonlyMap<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The cases as they were when the judges were asked, where they have changed since. */
  readonly askedCases?: Manifest["cases"] | undefined;
}

/**
 * Works out everything that a run came to, from what is stored; no model is asked.
 * @throws GptOssError `interrupted`
 */
export async function scoreRun(options: ScoreRunOptions): Promise<Results> {
  const { manifest, experiment } = options;
  const cells = await scoreCells(options).catch((error: unknown) => {
    throw options.signal?.aborted ? createError("interrupted", [errorDetail("theExperiment")]) : error;
  });
  const byVariant = groupBy(cells, ({ variant }) => variant);
  const { checks } = experiment;
  const { seed } = manifest;
  const variants = manifest.variants.map((facts) =>
    summarizeVariant(facts, byVariant.get(facts.id) ?? [], checksByName(checks)),
  );
  const pairings = manifest.variants.flatMap(({ id, baseline }) =>
    baseline === undefined
      ? []
      : [{ variant: id, baseline, cells: byVariant.get(id) ?? [], baselineCells: byVariant.get(baseline) ?? [] }],
  );
  const comparisons = compareVariants(pairings, seed);
  const { version, run, mode, slots, build, models, date, repeats, baseline, cases, earlier } = manifest;
  return {
    version,
    run,
    experiment: { name: manifest.experiment.name, description: manifest.experiment.description },
    at: new Date().toISOString(),
    mode,
    slots,
    build,
    models,
    date,
    seed,
    repeats,
    baseline,
    checks: checksByName(checks).map(({ name, type, weight, on }) => ({ name, type, weight, on })),
    cases,
    ...(earlier && { earlier }),
    variants,
    comparisons: [...comparisons],
    requirements: judgeRequirements(experiment.requirements, { variants, comparisons, baseline }),
    agreements: agreementsOf(experiment, cells),
    cells: [...cells],
    prompts: promptsOf(options),
  };
}

function promptsOf({ manifest, promptTexts }: ScoreRunOptions): Results["prompts"] {
  const ids = new Set(manifest.cells.flatMap(({ prompt }) => prompt ?? []));
  return Object.fromEntries(
    [...ids].flatMap((id) => {
      const text = promptTexts?.get(id);
      return text === undefined ? [] : [[id, text]];
    }),
  );
}

async function scoreCells({
  manifest,
  experiment,
  rowOf,
  signal,
  askedCases,
}: ScoreRunOptions): Promise<readonly CellResult[]> {
  const inputs = new Map(manifest.cases.map((input) => [input.id, input]));
  const asked = new Map((askedCases ?? manifest.cases).map((input) => [input.id, input]));
  const judgements = new Map(
    manifest.judgements.map((judgement) => [`${judgement.check}\0${judgement.cell}`, judgement]),
  );
  const checksOf = checkFinder(experiment.checks);
  const results: CellResult[] = [];
  for (const cell of manifest.cells) {
    signal?.throwIfAborted();
    const row = rowOf(cell.key);
    const answer = answerIn(row);
    const input = inputs.get(cell.case);
    if (answer === undefined || input === undefined) {
      results.push({ ...cell, ...unansweredParts(row, checksOf(cell.case)) });
      continue;
    }
    const verdictOf = (check: Check) => {
      const verdict = verdictFor(check, judgements.get(`${check.name}\0${cell.key}`), rowOf);
      if (verdict === undefined || check.run.kind !== "judge") return verdict;
      if (sameFields(input, asked.get(cell.case), check.run.prompt.variables)) return verdict;
      return unknown(reasonOf("caseChanged"));
    };
    const given = { id: input.id, variables: input.variables, expected: input.expected };
    const { checks, ...whole } = await scoreCell(checksOf(cell.case), { answer, case: given, verdictOf, signal });
    results.push({ ...cell, answer, checks: [...checks], ...whole });
  }
  return results;
}

/** A failure that a later run may not have counts for nothing; a request that is refused every time fails every check. */
function unansweredParts(
  row: Row | undefined,
  checks: readonly Check[],
): Pick<CellResult, "error" | "refused" | "checks" | "score" | "pass"> {
  if (!row || !("error" in row.outcome)) return { checks: [], score: null, pass: null };
  const error = row.outcome.error.message;
  if (!isRefused(row)) return { error, checks: [], score: null, pass: null };
  return {
    error,
    refused: true,
    checks: checks.map(({ name }) => ({ check: name, ...failed(error) })),
    score: 0,
    pass: false,
  };
}

function verdictFor(
  { run }: Check,
  judgement: Manifest["judgements"][number] | undefined,
  rowOf: ScoreRunOptions["rowOf"],
): Score | undefined {
  if (run.kind !== "judge" || judgement === undefined) return undefined;
  if (judgement.judge !== judgeHash(run)) return unknown(reasonOf("judgeChanged"));
  const answer = answerIn(rowOf(judgement.key));
  return answer && readVerdict(answer, run);
}

/** How far each labelled check agrees with people, over the cells whose answer a person has judged. */
function agreementsOf(
  { checks, labels }: ScoreRunOptions["experiment"],
  cells: readonly CellResult[],
): Results["agreements"] {
  const labelOf = new Map(labels.map((label) => [JSON.stringify([label.check, label.case, label.answer]), label.pass]));
  return checksByName(checks).flatMap(({ name }) => {
    // the same answer to the same case was judged once, by the person and by the judge
    const pairs = new Map<string, readonly [boolean, boolean]>();
    for (const cell of cells) {
      const subject = JSON.stringify([name, cell.case, cell.answer?.final]);
      const label = labelOf.get(subject);
      const pass = cell.checks.find(({ check }) => check === name)?.pass;
      if (typeof label === "boolean" && typeof pass === "boolean") pairs.set(subject, [pass, label]);
    }
    return pairs.size === 0 ? [] : [{ check: name, ...agreementOf([...pairs.values()]) }];
  });
}

/** What one check said, under its name. */
export interface NamedScore extends Score {
  readonly check: string;
}

/** A cell's checks, and what follows from them. */
export interface CellScore {
  readonly checks: readonly NamedScore[];
  /** Mean of the checks by weight; null when none could tell. */
  readonly score: number | null;
  /** Every check that counts passed; null when none could tell. */
  readonly pass: boolean | null;
  /** A check that could not do its work. The cell has no score then: it says nothing about the answer. */
  readonly error?: string;
}

export interface ScoreOptions {
  readonly answer: Answer;
  readonly case: Judged["case"];
  /** What the judge's answer to this cell gave, by the check's name; undefined when it has not been asked. */
  readonly verdictOf: (check: Check) => Score | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs every check of an experiment on one answer. */
export async function scoreCell(checks: readonly Check[], options: ScoreOptions): Promise<CellScore> {
  const scores: NamedScore[] = [];
  let error: string | undefined;
  for (const check of checks) {
    try {
      scores.push({ check: check.name, ...(await scoreCheck(check, options)) });
    } catch (thrown) {
      if (options.signal?.aborted) throw thrown;
      const why = thrown instanceof UserCodeError ? thrown.message : `failed: ${messageOf(thrown)}`;
      error ??= `the check ${check.name} ${why}`;
      scores.push({ check: check.name, ...unknown(why) });
    }
  }
  return error === undefined
    ? { checks: scores, ...combine(checks, scores) }
    : { checks: scores, score: null, pass: null, error };
}

/** What an absent answer means is decided here, before `not` and for every type of check: it fails all that judge the answer. */
async function scoreCheck(check: Check, options: ScoreOptions): Promise<Score> {
  const { case: input, verdictOf, signal } = options;
  const answer = judgedAnswer(check, options.answer);
  if (answer === undefined) return failed(reasonOf("turnNotReached"));
  if (check.on === "final" && isAbsent(answer)) return failed(reasonOf("noAnswer"));
  const text = check.on === "final" ? answer.final : answer.analysis;
  const score =
    check.run.kind === "judge"
      ? (verdictOf(check) ?? unknown(reasonOf("notJudgedYet")))
      : await check.run.check({ text, answer, case: input }, signal);
  return check.negated ? negate(score) : score;
}

/** Cases may have checks of the same name, which count as one in tables. */
function checksByName(checks: readonly Check[]): readonly Check[] {
  return [...new Map(checks.toReversed().map((check) => [check.name, check])).values()].toReversed();
}

function negate(given: Score): Score {
  const { pass, score } = given;
  return {
    pass: pass === null ? null : !pass,
    score: score === null ? null : 1 - score,
    ...negatedSentence(given),
  };
}

function combine(checks: readonly Check[], scores: readonly Score[]): Pick<CellScore, "score" | "pass"> {
  let sum = 0;
  let weights = 0;
  let pass = true;
  for (const [index, { pass: passes, score }] of scores.entries()) {
    const weight = checks[index]?.weight ?? 0;
    if (weight === 0 || score === null) continue;
    sum += weight * score;
    weights += weight;
    pass &&= passes === true;
  }
  return weights === 0 ? { score: null, pass: null } : { score: sum / weights, pass };
}

export interface RescoreOptions {
  readonly allowJavascript: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Cases whose variables have changed since: their answers are judged by the values of then. */
  readonly onOtherQuestions?: ((ids: readonly string[]) => void) | undefined;
}

/** What a run came to when it was last scored; scored now if it was killed before that. */
export async function resultsOf(run: RunFolder, options: RescoreOptions): Promise<Results> {
  const results = await readResults(run.path);
  return results ? withCounts(results) : await rescoreRun(run, options);
}

/** Results of version 0.1.0 lack some counts, which follow from the rest of them. */
function withCounts(results: Results): Results {
  const byVariant = groupBy(results.cells, ({ variant }) => variant);
  return {
    ...results,
    variants: results.variants.map((variant) => ({
      ...countUnjudged(byVariant.get(variant.id) ?? [], results.checks),
      ...variant,
    })),
  };
}

/** Applies the checks and expected values that the experiment's file has now to the answers in the store. No model is asked. */
export async function rescoreRun(run: RunFolder, options: RescoreOptions): Promise<Results> {
  const experiment = await loadChecks(run, options);
  const rows = await Store.read(storePathOf(run));
  const { cases, otherQuestions } = currentCases(run.manifest, experiment);
  if (otherQuestions.length > 0) options.onOtherQuestions?.(otherQuestions);
  const results = await scoreRun({
    manifest: { ...run.manifest, cases },
    askedCases: run.manifest.cases,
    experiment,
    rowOf: (key) => rows.get(key),
    promptTexts: await readPromptTexts(promptsPathOf(run)),
    signal: options.signal,
  });
  await writeResults(run.path, results);
  return results;
}

async function loadChecks({ manifest }: RunFolder, { allowJavascript }: RescoreOptions): Promise<Experiment> {
  const { path, name } = manifest.experiment;
  if (path === undefined) {
    throw createError("checksInCode", [name]);
  }
  const { shipped } = findExperiment(path, ".");
  return await loadExperimentFile(path, { allowJavascript: allowJavascript || shipped });
}

type StoredCase = Manifest["cases"][number];

/** The cases of a run with the values that the definition has now. */
export interface CurrentCases {
  readonly cases: Manifest["cases"];
  /** Cases that ask something else now: their answers can only be judged by the values of then. */
  readonly otherQuestions: readonly string[];
}

/**
 * Takes what the checks compare with (`expected`, and variables that no prompt uses) from the definition of today. What the prompts said is
 * what the model was asked; a case in which that has changed is another one.
 */
export function currentCases({ variants, cases }: Manifest, { cases: now }: Pick<Experiment, "cases">): CurrentCases {
  const asked = new Set(variants.flatMap(({ prompt }) => templateVariables(`${prompt.system ?? ""}\n${prompt.body}`)));
  const hasProgram = variants.some(({ program }) => program);
  const byId = new Map(now.map((input) => [input.id, input]));
  const otherQuestions: string[] = [];
  const current = cases.map((stored): StoredCase => {
    const today = byId.get(stored.id);
    if (today === undefined) return stored;
    // a program may have read any of them
    const names = hasProgram ? Object.keys({ ...stored.variables, ...today.variables }) : [...asked];
    if (names.some((name) => stored.variables[name] !== today.variables[name])) {
      otherQuestions.push(stored.id);
      return stored;
    }
    return {
      id: stored.id,
      variables: today.variables,
      ...(today.expected !== undefined && { expected: today.expected }),
      ...(stored.turns && { turns: stored.turns }),
    };
  });
  return { cases: current, otherQuestions };
}

/** Whether two versions of a case give these fields the same values. */
export function sameFields(
  one: StoredCase | undefined,
  other: StoredCase | undefined,
  fields: readonly string[],
): boolean {
  const valuesOf = (input: StoredCase | undefined) =>
    fields.map((field) => (field === "expected" ? input?.expected : input?.variables[field]));
  return isDeepStrictEqual(valuesOf(one), valuesOf(other));
}
