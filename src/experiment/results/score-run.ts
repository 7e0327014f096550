import { failed as failure, reason } from "../../failures/failure.ts";
import type { Check, Score } from "../checks/check.ts";
import { failed, unknown } from "../checks/check.ts";
import { scoreCell } from "../checks/score.ts";
import type { Experiment } from "../definition/experiment.ts";
import { groupBy } from "../plan/order.ts";
import { readVerdict } from "../checks/verdict.ts";
import { judgeHash } from "../run/judge-questions.ts";
import type { Manifest } from "../run/manifest.ts";
import { agreementOf } from "../statistics/agreement.ts";
import { isRefused, type Row } from "../store/row.ts";
import { answerIn } from "../store/store.ts";
import { compareArms } from "./compare-arms.ts";
import { sameFields } from "./current-cases.ts";
import { judgeRequirements } from "./requirements.ts";
import type { CellResult, Results } from "./results.ts";
import { summarizeArm } from "./summarize-arm.ts";

export interface ScoreRunOptions {
  readonly manifest: Manifest;
  readonly experiment: Pick<Experiment, "checks" | "labels" | "requirements">;
  readonly rowOf: (key: string) => Row | undefined;
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
    throw options.signal?.aborted ? failure("interrupted", [reason("theExperiment")]) : error;
  });
  const byArm = groupBy(cells, ({ arm }) => arm);
  const { checks } = experiment;
  const { seed } = manifest;
  const arms = manifest.arms.map((facts) => summarizeArm(facts, byArm.get(facts.id) ?? [], checks));
  const pairings = manifest.arms.flatMap(({ id, baseline }) =>
    baseline === undefined
      ? []
      : [{ arm: id, baseline, cells: byArm.get(id) ?? [], baselineCells: byArm.get(baseline) ?? [] }],
  );
  const comparisons = compareArms(pairings, seed);
  const { version, run, mode, slots, build, models, date, repeats, baseline, cases } = manifest;
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
    checks: experiment.checks.map(({ name, type, weight, on }) => ({ name, type, weight, on })),
    cases,
    arms,
    comparisons: [...comparisons],
    requirements: judgeRequirements(experiment.requirements, { arms, comparisons, baseline }),
    agreements: agreementsOf(experiment, cells),
    cells: [...cells],
  };
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
  const results: CellResult[] = [];
  for (const cell of manifest.cells) {
    signal?.throwIfAborted();
    const row = rowOf(cell.key);
    const answer = answerIn(row);
    const input = inputs.get(cell.case);
    if (answer === undefined || input === undefined) {
      results.push({ ...cell, ...unansweredParts(row, experiment.checks) });
      continue;
    }
    const verdictOf = (check: Check) => {
      const verdict = verdictFor(check, judgements.get(`${check.name}\0${cell.key}`), rowOf);
      if (verdict === undefined || check.run.kind !== "judge") return verdict;
      if (sameFields(input, asked.get(cell.case), check.run.prompt.variables)) return verdict;
      return unknown("the case has changed since the judge was asked; run the experiment again");
    };
    const given = { id: input.id, variables: input.variables, expected: input.expected };
    const { checks, ...whole } = await scoreCell(experiment.checks, { answer, case: given, verdictOf, signal });
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
  if (judgement.judge !== judgeHash(run)) return unknown("the judge's prompt has changed; run the experiment again");
  const answer = answerIn(rowOf(judgement.key));
  return answer && readVerdict(answer, run);
}

/** How far each labelled check agrees with people, over the cells whose answer a person has judged. */
function agreementsOf(
  { checks, labels }: ScoreRunOptions["experiment"],
  cells: readonly CellResult[],
): Results["agreements"] {
  const labelOf = new Map(labels.map((label) => [JSON.stringify([label.check, label.case, label.answer]), label.pass]));
  return checks.flatMap(({ name }) => {
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
