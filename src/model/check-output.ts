import { Validator } from "@langchain/core/utils/json_schema";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import { type InteropZodType, interopSafeParseAsync, isInteropZodSchema } from "@langchain/core/utils/types";
import { z } from "zod";
import { messageOf } from "../errors.ts";

/** What `withStructuredOutput` takes: a zod schema, another library's that speaks Standard Schema, or JSON Schema. */
export type OutputSchema<Output> = InteropZodType<Output> | SerializableSchema<Output> | Record<string, unknown>;

export type CheckedOutput<Output> =
  | { readonly isValid: true; readonly output: Output }
  /** What is wrong, as half a sentence. */
  | { readonly isValid: false; readonly problem: string };

const issuesSchema = z.object({
  issues: z.array(z.object({ path: z.array(z.unknown()).optional(), message: z.string() })),
});

/** Reads a model's JSON and checks it with the schema that was asked for, which may say more than a grammar can. */
export async function checkOutput<Output>(schema: OutputSchema<Output>, text: string): Promise<CheckedOutput<Output>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { isValid: false, problem: `it is no JSON (${messageOf(error)})` };
  }
  if (isInteropZodSchema(schema)) {
    const result = await interopSafeParseAsync(schema as InteropZodType<Output>, value);
    return result.success ? valid(result.data) : { isValid: false, problem: firstIssue(result.error) };
  }
  if ("~standard" in schema) {
    const result = await (schema as SerializableSchema<Output>)["~standard"].validate(value);
    return result.issues === undefined ? valid(result.value) : { isValid: false, problem: firstIssue(result) };
  }
  const { valid: isValid, errors } = new Validator(schema, "2020-12").validate(value);
  const error = errors.at(-1);
  return isValid
    ? valid(value as Output)
    : { isValid, problem: `${error?.instanceLocation ?? ""} ${error?.error ?? ""}` };
}

function valid<Output>(output: Output): CheckedOutput<Output> {
  return { isValid: true, output };
}

function firstIssue(error: unknown): string {
  const issue = issuesSchema.safeParse(error).data?.issues[0];
  if (issue === undefined) return messageOf(error);
  const path = (issue.path ?? []).map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
