import { type Answer, isAbsent } from "../ask/answer.ts";
import { messageOf } from "../../errors.ts";
import { type Check, CheckError, failed, type Judged, type Score, unknown } from "./check.ts";

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
      const why = thrown instanceof CheckError ? thrown.message : `failed: ${messageOf(thrown)}`;
      error ??= `the check ${check.name} ${why}`;
      scores.push({ check: check.name, ...unknown(why) });
    }
  }
  return error === undefined
    ? { checks: scores, ...combine(checks, scores) }
    : { checks: scores, score: null, pass: null, error };
}

/** What an absent answer means is decided here, before `not` and for every type of check: it fails all that judge the answer. */
async function scoreCheck(check: Check, { answer, case: input, verdictOf, signal }: ScoreOptions): Promise<Score> {
  if (check.on === "final" && isAbsent(answer)) return failed("there is no answer");
  const text = check.on === "final" ? answer.final : answer.analysis;
  const score =
    check.run.kind === "judge"
      ? (verdictOf(check) ?? unknown("not judged yet"))
      : await check.run.check({ text, answer, case: input }, signal);
  return check.negated ? negate(score) : score;
}

function negate({ pass, score, why }: Score): Score {
  return { pass: pass === null ? null : !pass, score: score === null ? null : 1 - score, why: `not wanted: ${why}` };
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
