import { z } from "zod";

/** An assertion as promptfoo's configuration has it. */
export const assertionSchema = z.looseObject({
  type: z.string(),
  value: z.unknown().optional(),
  threshold: z.number().optional(),
  weight: z.number().min(0).optional(),
  metric: z.string().min(1).optional(),
  transform: z.unknown().optional(),
});
type Assertion = z.infer<typeof assertionSchema>;

/** A check of a definition, before it is validated. */
export type WrittenCheck = Readonly<Record<string, unknown>> & { readonly type: string };

/** The check that an assertion becomes; undefined for one that has no counterpart. */
export function convertAssertion(assertion: Assertion): WrittenCheck | undefined {
  // it would change what is judged
  if (assertion.transform !== undefined) return undefined;
  const negated = assertion.type.startsWith("not-");
  const type = negated ? assertion.type.slice("not-".length) : assertion.type;
  const check = CONVERSIONS[type]?.(assertion);
  if (!check) return undefined;
  const { weight, metric } = assertion;
  return {
    ...check,
    ...(metric !== undefined && { name: metric }),
    ...(weight !== undefined && { weight }),
    ...(negated && { not: true }),
  };
}

type Conversion = (assertion: Assertion) => WrittenCheck | undefined;

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  equals: ({ value }) => (isText(value) ? { type: "equals", value: String(value) } : { type: "json", value }),
  contains: ({ value }) => containsCheck(value, {}),
  icontains: ({ value }) => containsCheck(value, { ignore_case: true }),
  "contains-all": ({ value }) => containsCheck(value, { match: "all" }),
  "contains-any": ({ value }) => containsCheck(value, { match: "any" }),
  "icontains-all": ({ value }) => containsCheck(value, { match: "all", ignore_case: true }),
  "icontains-any": ({ value }) => containsCheck(value, { match: "any", ignore_case: true }),
  "starts-with": ({ value }) =>
    typeof value === "string" && !value.includes("{{") ? { type: "regex", pattern: `^${escaped(value)}` } : undefined,
  regex: ({ value }) => (typeof value === "string" ? { type: "regex", pattern: value, flags: "" } : undefined),
  "is-json": ({ value }) => jsonCheck(value, {}),
  "contains-json": ({ value }) => jsonCheck(value, { fence: true }),
  latency: ({ threshold }) => (threshold === undefined ? undefined : { type: "latency", limit: threshold }),
  "llm-rubric": ({ value, threshold }) =>
    typeof value === "string" && !value.startsWith("file://")
      ? {
          type: "judge",
          criteria: value,
          ...(threshold !== undefined && { rubric: 10, at_least: threshold }),
        }
      : undefined,
  "model-graded-closedqa": ({ value }) => (typeof value === "string" ? { type: "judge", criteria: value } : undefined),
  factuality: ({ value }) =>
    typeof value === "string"
      ? { type: "judge", criteria: `The answer agrees with this, and contradicts nothing of it: ${value}` }
      : undefined,
  "is-valid-openai-tools-call": () => ({ type: "no_invalid_calls" }),
  "is-valid-openai-function-call": () => ({ type: "no_invalid_calls" }),
  "is-valid-function-call": () => ({ type: "no_invalid_calls" }),
};

function isText(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function containsCheck(value: unknown, more: Readonly<Record<string, unknown>>): WrittenCheck | undefined {
  if (Array.isArray(value) && value.length > 0 && value.every(isText))
    return { type: "contains", value: value.map(String), ...more };
  if (!isText(value)) return undefined;
  // a text of several values has commas between them
  const texts =
    "match" in more
      ? String(value)
          .split(",")
          .map((part) => part.trim())
      : String(value);
  return { type: "contains", value: texts, ...more };
}

function jsonCheck(value: unknown, more: Readonly<Record<string, unknown>>): WrittenCheck | undefined {
  if (value === undefined || value === null) return { type: "json", ...more };
  if (typeof value === "string")
    return value.startsWith("file://") ? { type: "json", schema: value.slice("file://".length), ...more } : undefined;
  return typeof value === "object" ? { type: "json", schema: value, ...more } : undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
