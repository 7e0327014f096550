import { isDeepStrictEqual } from "node:util";
import { templateVariables } from "../../text/template.ts";
import type { Experiment } from "../definition/experiment.ts";
import type { Manifest } from "../run/manifest.ts";

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
export function currentCases({ arms, cases }: Manifest, { cases: now }: Pick<Experiment, "cases">): CurrentCases {
  const asked = new Set(arms.flatMap(({ prompt }) => templateVariables(`${prompt.system ?? ""}\n${prompt.body}`)));
  const byId = new Map(now.map((input) => [input.id, input]));
  const otherQuestions: string[] = [];
  const current = cases.map((stored): StoredCase => {
    const today = byId.get(stored.id);
    if (today === undefined) return stored;
    if ([...asked].some((name) => stored.variables[name] !== today.variables[name])) {
      otherQuestions.push(stored.id);
      return stored;
    }
    return {
      id: stored.id,
      variables: today.variables,
      ...(today.expected !== undefined && { expected: today.expected }),
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
