import { meets, type Requirement } from "../definition/requirement.ts";
import type { ArmSummary, Comparison, Results } from "./results.ts";

interface RequirementContext {
  readonly arms: readonly ArmSummary[];
  readonly comparisons: readonly Comparison[];
  readonly baseline: string;
}

/**
 * Whether each requirement is met, and by which arm not. Bounds hold for every variant but the baseline, which is there to be
 * beaten; for the baseline only where it stands alone.
 */
export function judgeRequirements(
  requirements: readonly Requirement[],
  context: RequirementContext,
): Results["requirements"] {
  return requirements.map((requirement) =>
    requirement.kind === "no_regression" ? judgeRegression(context) : judgeBound(requirement, context),
  );
}

function judgeRegression({ arms, comparisons }: RequirementContext): Results["requirements"][number] {
  const text = "no_regression";
  const silent = arms.filter(({ answered }) => answered === 0);
  if (silent.length > 0) return { text, met: false, why: `no answers: ${silent.map(({ id }) => id).join("; ")}` };
  if (comparisons.length === 0) return { text, met: true, why: "there is nothing to compare with" };
  const worse = comparisons.filter(({ verdict }) => verdict === "worse");
  if (worse.length > 0) return { text, met: false, why: `worse: ${worse.map(({ arm }) => arm).join("; ")}` };
  const open = comparisons.filter(({ verdict }) => verdict === "cannot tell").length;
  return {
    text,
    met: true,
    why: open === 0 ? "every arm is better" : `no arm is shown to be worse (${open} cannot be told)`,
  };
}

function judgeBound(
  requirement: Extract<Requirement, { kind: "comparison" }>,
  { arms, baseline }: RequirementContext,
): Results["requirements"][number] {
  const { measure, operator, bound } = requirement;
  const text = `${measure} ${operator} ${bound}`;
  const others = arms.filter(({ variant }) => variant !== baseline);
  const failures = (others.length > 0 ? others : arms).flatMap((arm) => {
    const value = measureOf(arm, measure);
    if (value === undefined) return [`there is no measure ${measure}`];
    if (value === null) return [`${arm.id}: not known`];
    return meets(value, requirement) ? [] : [`${arm.id}: ${Number(value.toFixed(4))}`];
  });
  return { text, met: failures.length === 0, why: failures.length === 0 ? "met" : [...new Set(failures)].join("; ") };
}

/** undefined for a measure that does not exist, null for one that has no value. */
function measureOf(arm: ArmSummary, measure: string): number | null | undefined {
  if (measure === "score") return arm.score?.mean ?? null;
  if (measure === "pass_rate") return arm.passRate;
  if (measure === "errors") return arm.errors;
  return Object.hasOwn(arm.checks, measure) ? arm.checks[measure] : undefined;
}
