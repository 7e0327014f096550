import { z } from "zod";
import type { Reason } from "../../errors.ts";
import { reason } from "../../failures/failure.ts";

const COMPARISON = /^\s*([\p{L}\p{N}_. -]+?)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/u;

/** What an arm has to reach: a number of its summary compared with a bound, or no regression against the baseline. */
export type Requirement =
  | {
      readonly kind: "no_regression";
      /** The loss of mean score that is tolerated: a larger one must be ruled out by the interval. */
      readonly margin?: number;
    }
  | {
      readonly kind: "comparison";
      /** score, pass_rate, errors, or the name of a check for its mean score. */
      readonly measure: string;
      readonly operator: ">=" | "<=" | ">" | "<";
      readonly bound: number;
    };

const NO_REGRESSION = /^\s*no_regression(?:\s*[:=]\s*(0?\.\d+|0|1))?\s*$/;

/** Reads `score >= 0.8`, `no_regression`, or `no_regression: 0.05`, which YAML reads as a mapping; undefined when it is none of them. */
export function parseRequirement(given: WrittenRequirement): Requirement | undefined {
  if (typeof given !== "string") return { kind: "no_regression", margin: given.no_regression };
  const text = given;
  const [regression, margin] = NO_REGRESSION.exec(text) ?? [];
  if (regression !== undefined) {
    return { kind: "no_regression", ...(margin !== undefined && { margin: Number(margin) }) };
  }
  const [, measure, operator, bound] = COMPARISON.exec(text) ?? [];
  if (measure === undefined || bound === undefined) return undefined;
  return { kind: "comparison", measure, operator: operator as ">=", bound: Number(bound) };
}

const MEASURES = ["score", "pass_rate", "errors"];

/** What is wrong with a requirement of an experiment that has these checks; undefined when nothing is. */
export function unknownMeasure(requirement: Requirement, checks: readonly string[]): Reason | undefined {
  if (requirement.kind !== "comparison") return undefined;
  const measures = [...MEASURES, ...checks];
  const { measure } = requirement;
  return measures.includes(measure) ? undefined : reason("noMeasure", measure, measures.join(", "));
}

const FORMS = "score >= 0.8, pass_rate >= 0.9, NAME-OF-A-CHECK >= 1, errors <= 0, no_regression or no_regression: 0.05";

export const requirementSchema = z
  .union([
    z.string().refine((text) => parseRequirement(text) !== undefined, `write ${FORMS}`),
    z.strictObject({ no_regression: z.number().min(0).max(1) }),
  ])
  .describe(`${FORMS}.`);

/** A requirement as a definition or a flag has it. */
type WrittenRequirement = string | { readonly no_regression: number };

const OPERATORS = {
  ">=": (value: number, bound: number) => value >= bound,
  "<=": (value: number, bound: number) => value <= bound,
  ">": (value: number, bound: number) => value > bound,
  "<": (value: number, bound: number) => value < bound,
} as const;

export function meets(value: number, { operator, bound }: Extract<Requirement, { kind: "comparison" }>): boolean {
  return OPERATORS[operator](value, bound);
}
