import { type CheckReason, reasonOf, sentenceOf } from "../checks/check-reason.ts";
import { meets, type Requirement } from "../definition/schema.ts";
import type { VariantSummary, Comparison, Results } from "./results.ts";

interface RequirementContext {
  readonly variants: readonly VariantSummary[];
  readonly comparisons: readonly Comparison[];
  readonly baseline: string;
}

/**
 * Whether each requirement is met, and by which variant not. A bound on a score holds for every variant but the baseline, which is there to be
 * beaten, or for the baseline if it is the only variant. A bound on errors holds for the baseline too: its failures spoil the comparison.
 */
export function judgeRequirements(
  requirements: readonly Requirement[],
  context: RequirementContext,
): Results["requirements"] {
  return requirements.map((requirement) =>
    requirement.kind === "no_regression" ? judgeRegression(requirement, context) : judgeBound(requirement, context),
  );
}

/**
 * That nothing shows a regression does not show that there is none. So a loss that may be chance is "not shown", and so is anything that
 * rests on too few cases. With a margin, the interval has to rule out a larger loss.
 */
function judgeRegression(
  { margin }: Extract<Requirement, { kind: "no_regression" }>,
  { variants, comparisons, baseline }: RequirementContext,
): Results["requirements"][number] {
  const text = margin === undefined ? "no_regression" : `no_regression: ${margin}`;
  const silent = variants.filter(({ answered }) => answered === 0);
  if (silent.length > 0) return notMet(text, [reasonOf("noAnswersFrom", silent.map(({ id }) => id).join("; "))]);
  const compared = new Set(comparisons.map(({ variant }) => variant));
  const uncompared = variants.filter(({ id, name }) => name !== baseline && !compared.has(id));
  if (comparisons.length === 0 && uncompared.length === 0) {
    return { text, met: true, why: "there is nothing to compare with" };
  }
  const failures = [
    ...uncompared.map(({ id }) => reasonOf("noCommonCase", id)),
    ...comparisons.flatMap((comparison) => regressionOf(comparison, margin) ?? []),
  ];
  if (failures.length > 0) return notMet(text, failures);
  return { text, met: true, why: margin === undefined ? "no variant lost" : `any loss is below ${margin}` };
}

/** Why it is not shown that a variant did not get worse; undefined when it is. */
function regressionOf(
  { variant, cases, difference, verdict, detectable }: Comparison,
  margin: number | undefined,
): CheckReason | undefined {
  const { mean, low, high } = difference;
  const numbers = [variant, rounded(mean), rounded(low), rounded(high)] as const;
  if (margin !== undefined) {
    if (low >= -margin) return undefined;
    return reasonOf(high < -margin ? "worse" : "notShown", ...numbers);
  }
  if (verdict === "worse") return reasonOf("worse", ...numbers);
  if (detectable === undefined && mean <= ROUNDING) return reasonOf("tooFewCases", ...numbers, cases);
  return mean < -ROUNDING ? reasonOf("notShown", ...numbers) : undefined;
}

const ROUNDING = 1e-9;

function rounded(value: number): string {
  return value.toFixed(2);
}

function judgeBound(
  requirement: Extract<Requirement, { kind: "comparison" }>,
  { variants, baseline }: RequirementContext,
): Results["requirements"][number] {
  const { measure, operator, bound } = requirement;
  const text = `${measure} ${operator} ${bound}`;
  const others = variants.filter(({ name }) => name !== baseline);
  const judged = measure === "errors" || others.length === 0 ? variants : others;
  const failures = judged.flatMap((variant): readonly CheckReason[] => {
    const value = measureOf(variant, measure);
    if (value === undefined) return [reasonOf("noMeasure", measure)];
    if (value === null) return [reasonOf("noValue", variant.id)];
    return meets(value, requirement) ? [] : [reasonOf("value", variant.id, Number(value.toFixed(4)))];
  });
  return failures.length === 0 ? { text, met: true, why: "met" } : notMet(text, failures);
}

function notMet(text: string, failures: readonly CheckReason[]): Results["requirements"][number] {
  // an unknown measure is unknown for every variant
  const sentences = new Map(failures.map((reason) => [sentenceOf(reason).why, reason]));
  return { text, met: false, why: [...sentences.keys()].join("; "), reasons: [...sentences.values()] };
}

/** undefined for a measure that does not exist, null for one that has no value. */
function measureOf(variant: VariantSummary, measure: string): number | null | undefined {
  if (measure === "score") return variant.score?.mean ?? null;
  if (measure === "pass_rate") return variant.passRate;
  if (measure === "errors") return variant.errors;
  return Object.hasOwn(variant.checks, measure) ? variant.checks[measure] : undefined;
}
