import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { messageOf } from "../../errors.ts";
import type { CheckOf } from "../definition/check-schema.ts";
import { boundedWork, TOO_LONG } from "./bounded-work.ts";
import { type CheckFunction, failed, passed } from "./check.ts";

/**
 * The whole answer is JSON, and fits the schema if there is one.
 * @throws Error for a schema that can't be read or is none
 */
export function json({ schema }: CheckOf<"json">, folder: string): CheckFunction {
  const validate = schema === undefined ? undefined : compile(schema, folder);
  return ({ text }) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return failed(`is no JSON: ${messageOf(error)}`);
    }
    if (validate === undefined) return passed("is JSON");
    // a schema's patterns are someone's regular expressions
    const fits = boundedWork(() => validate(value));
    if (fits === TOO_LONG) return failed("a pattern of the schema takes too long on this answer");
    if (fits) return passed("fits the schema");
    const [error] = validate.errors ?? [];
    return failed(`does not fit the schema: ${error?.instancePath || "the value"} ${error?.message ?? "is wrong"}`);
  };
}

function compile(schema: NonNullable<CheckOf<"json">["schema"]>, folder: string) {
  // unknown keywords and formats are notes to people; they decide nothing
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const content: unknown =
    typeof schema === "string" ? JSON.parse(readFileSync(resolve(folder, schema), "utf8")) : schema;
  return ajv.compile(content as object);
}
