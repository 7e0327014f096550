import { messageOf } from "../../errors/errors.ts";
import { errorDetail } from "../../i18n/error-messages.ts";
import { readSchema } from "../../inference/schema/read-schema.ts";
import { SchemaValidator } from "../../inference/schema/validator.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import type { CheckOf } from "../definition/check-schema.ts";
import { type Case, readText } from "../definition/test-cases.ts";
import { fillAll, variablesWithin } from "./built-in-checks.ts";
import { boundedWork, type CheckFunction, failed, passed, quote, TOO_LONG } from "./check.ts";
import { reasonOf } from "./check-reason.ts";

/**
 * The answer is JSON, fits the schema if there is one, and is the value if there is one. A schema with `{{…}}` is another one for each case.
 * @throws Error for a schema that is not valid
 */
export function json(
  { value: wanted, tolerance, fence }: Pick<CheckOf<"json">, "value" | "tolerance" | "fence">,
  schema: unknown,
  [first]: readonly Pick<Case, "variables" | "expected">[],
): CheckFunction {
  const validatorFor = schema === undefined ? undefined : validators(schema);
  // the first case stands for all: one validator for each of thousands of cases would take minutes before the first answer
  if (first) validatorFor?.(first);
  return ({ text, case: input }) => {
    let value: unknown;
    try {
      value = JSON.parse(fence ? withoutFence(text) : text);
    } catch (error) {
      return failed(reasonOf("notJson", messageOf(error)));
    }
    if (wanted !== undefined && !isNear(value, valueFor(wanted, input), tolerance))
      return failed(reasonOf("isNot", quote(JSON.stringify(value)), quote(JSON.stringify(valueFor(wanted, input)))));
    if (validatorFor === undefined) return passed(reasonOf(wanted === undefined ? "json" : "jsonValue"));
    const validator = validatorFor(input);
    // a schema's patterns are someone's regular expressions
    const problem = boundedWork(() => validator.problemOf(value));
    if (problem === TOO_LONG) return failed(reasonOf("schemaTooSlow"));
    return problem === undefined ? passed(reasonOf("fitsSchema")) : failed(reasonOf("notSchema", problem));
  };
}

/** The content of the first fenced block, if there is one. */
function withoutFence(text: string): string {
  const [, content] = /(?:^|\n)[ \t]*(?:```|~~~)[^\n]*\n([^]*?)\n?[ \t]*(?:```|~~~)[ \t]*(?:\n|$)/.exec(text) ?? [];
  return content ?? text;
}

/** A value with the case's values filled in; `"{{expected}}"` alone is what the case expects as JSON. */
function valueFor(wanted: unknown, input: Pick<Case, "variables" | "expected">): unknown {
  const filled = fillAll(wanted, input);
  if (typeof wanted !== "string" || typeof filled !== "string" || variablesWithin(wanted).length === 0) return filled;
  try {
    return JSON.parse(filled);
  } catch {
    // a text
    return filled;
  }
}

/** Whether two values are the same, but for numbers that are this far apart. The order of an object's keys does not count. */
function isNear(value: unknown, wanted: unknown, tolerance: number): boolean {
  if (typeof value === "number" && typeof wanted === "number") return Math.abs(value - wanted) <= tolerance;
  if (typeof value !== "object" || typeof wanted !== "object" || value === null || wanted === null)
    return value === wanted;
  if (Array.isArray(value) !== Array.isArray(wanted)) return false;
  const [own, other] = [new Map(Object.entries(value)), new Map(Object.entries(wanted))];
  return (
    own.size === other.size &&
    [...own].every(([key, item]) => other.has(key) && isNear(item, other.get(key), tolerance))
  );
}

/** The schema of a check, from the definition or from the file that it names. @throws when the file can't be read */
export function schemaOf({ schema }: CheckOf<"json">, folder: string): unknown {
  return typeof schema === "string" ? JSON.parse(readText(resolveUserPath(schema, folder))) : schema;
}

/** Unknown keywords and formats are notes to people; they decide nothing. */
function compile(schema: unknown): SchemaValidator {
  return new SchemaValidator(readSchema(schema, errorDetail("checkSchema")));
}

function validators(schema: unknown): (input: Pick<Case, "variables" | "expected">) => SchemaValidator {
  if (variablesWithin(schema).length === 0) {
    const validate = compile(fillAll(schema, { variables: {}, expected: undefined }));
    return () => validate;
  }
  const known = new Map<string, SchemaValidator>();
  return (input) => {
    const filled = fillAll(schema, input);
    const identity = JSON.stringify(filled);
    const validate = known.get(identity) ?? compile(filled);
    known.set(identity, validate);
    return validate;
  };
}
