import { z } from "zod";
import type { Reason } from "../../errors.ts";
import { reason } from "../../failures/failure.ts";

const COMPARISON = /^\s*([\p{L}\p{N}_. -]+?)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/u;

/** What an arm has to reach: a number of its summary compared with a bound, or no regression against the baseline. */
export type Requirement =
  | { readonly kind: "no_regression" }
  | {
      readonly kind: "comparison";
      /** score, pass_rate, errors, or the name of a check for its mean score. */
      readonly measure: string;
      readonly operator: ">=" | "<=" | ">" | "<";
      readonly bound: number;
    };

/** Reads `score >= 0.8` or `no_regression`; undefined when it is neither. */
export function parseRequirement(text: string): Requirement | undefined {
  if (text.trim() === "no_regression") return { kind: "no_regression" };
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

export const requirementSchema = z
  .string()
  .refine(
    (text) => parseRequirement(text) !== undefined,
    "write score >= 0.8, pass_rate >= 0.9, CHECK >= 1, errors <= 0 or no_regression",
  )
  .describe("score >= 0.8, pass_rate >= 0.9, NAME-OF-A-CHECK >= 1, errors <= 0, or no_regression.");

const OPERATORS = {
  ">=": (value: number, bound: number) => value >= bound,
  "<=": (value: number, bound: number) => value <= bound,
  ">": (value: number, bound: number) => value > bound,
  "<": (value: number, bound: number) => value < bound,
} as const;

export function meets(value: number, { operator, bound }: Extract<Requirement, { kind: "comparison" }>): boolean {
  return OPERATORS[operator](value, bound);
}
