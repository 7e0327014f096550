import { messageOf } from "../../errors.ts";
import { reason } from "../../failures/failure.ts";
import { readSchema } from "../../model/json-schema/read-schema.ts";
import { SchemaValidator } from "../../model/json-schema/validator.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import type { CheckOf } from "../definition/check-schema.ts";
import { type Case, readText } from "../definition/read-cases.ts";
import { boundedWork, TOO_LONG } from "./bounded-work.ts";
import { type CheckFunction, failed, passed } from "./check.ts";
import { fillAll, variablesWithin } from "./templates.ts";

/**
 * The whole answer is JSON, and fits the schema if there is one. A schema with `{{…}}` is another one for each case.
 * @throws Error for a schema that is not valid
 */
export function json(schema: unknown, [first]: readonly Pick<Case, "variables" | "expected">[]): CheckFunction {
  const validatorFor = schema === undefined ? undefined : validators(schema);
  // the first case stands for all: one validator for each of thousands of cases would take minutes before the first answer
  if (first) validatorFor?.(first);
  return ({ text, case: input }) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return failed(`is not valid JSON: ${messageOf(error)}`);
    }
    if (validatorFor === undefined) return passed("is JSON");
    const validator = validatorFor(input);
    // a schema's patterns are someone's regular expressions
    const problem = boundedWork(() => validator.problemOf(value));
    if (problem === TOO_LONG) return failed("a pattern of the schema takes too long on this answer");
    return problem === undefined ? passed("fits the schema") : failed(`does not fit the schema: ${problem}`);
  };
}

/** The schema of a check: as it stands in the definition, or of the file that it names. @throws when the file can't be read */
export function schemaOf({ schema }: CheckOf<"json">, folder: string): unknown {
  return typeof schema === "string" ? JSON.parse(readText(resolveUserPath(schema, folder))) : schema;
}

/** Unknown keywords and formats are notes to people; they decide nothing. */
function compile(schema: unknown): SchemaValidator {
  return new SchemaValidator(readSchema(schema, reason("checkSchema")));
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
