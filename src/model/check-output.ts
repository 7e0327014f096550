import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import { type InteropZodType, interopSafeParseAsync, isInteropZodSchema } from "@langchain/core/utils/types";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { readSchema } from "./json-schema/read-schema.ts";
import { ANSWER_SCHEMA } from "./json-schema/schema-error.ts";
import { SchemaValidator } from "./json-schema/validator.ts";

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
    value = JSON.parse(jsonIn(text));
  } catch (error) {
    return { isValid: false, problem: `it is not valid JSON (${messageOf(error)})` };
  }
  if (isInteropZodSchema(schema)) {
    const result = await interopSafeParseAsync(schema as InteropZodType<Output>, value);
    return result.success ? valid(result.data) : { isValid: false, problem: firstIssue(result.error) };
  }
  if ("~standard" in schema) {
    const result = await (schema as SerializableSchema<Output>)["~standard"].validate(value);
    return result.issues === undefined ? valid(result.value) : { isValid: false, problem: firstIssue(result) };
  }
  const problem = new SchemaValidator(readSchema(schema, ANSWER_SCHEMA)).problemOf(value);
  return problem === undefined ? valid(value as Output) : { isValid: false, problem };
}

/** The JSON of an answer. Servers without a grammar often put a fence of Markdown or a sentence around it. */
export function jsonIn(text: string): string {
  if (isJson(text)) return text;
  for (const [, fenced = ""] of text.matchAll(FENCE)) if (isJson(fenced)) return fenced.trim();
  const bare = text.slice(text.search(/[[{]/), Math.max(text.lastIndexOf("}"), text.lastIndexOf("]")) + 1);
  if (isJson(bare)) return bare;
  // a sentence may have brackets of its own, and what is asked for is the longest
  return bracketedIn(text).reduce((longest, part) => (part.length > longest.length ? part : longest), "") || text;
}

const FENCE = /```[ \t]*(?:json\w*)?[ \t]*\r?\n?([\s\S]*?)(?:```|$)/gi;
/** Each beginning is read to its end, so that many that have none would take long. */
const MOST_BEGINNINGS = 200;

/** The objects and arrays in a text, without those inside of others. */
function bracketedIn(text: string): string[] {
  const found: string[] = [];
  const beginning = /[[{]/g;
  for (let tries = 0; tries < MOST_BEGINNINGS; tries++) {
    const match = beginning.exec(text);
    if (match === null) break;
    const part = text.slice(match.index, endOfBrackets(text, match.index));
    if (!isJson(part)) continue;
    found.push(part);
    beginning.lastIndex = match.index + part.length;
  }
  return found;
}

/** Where the bracket at a position is closed. Brackets in strings do not count. */
function endOfBrackets(text: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === "{" || match[0] === "[") depth++;
    else if (match[0] === "}" || match[0] === "]") depth--;
    if (depth === 0) return token.lastIndex;
  }
  return text.length;
}

/** The same of an answer that is still being written: what stands behind the fence so far. */
export function growingJsonIn(text: string): string {
  return text.replace(/^\s*```[ \t]*(?:json\w*)?[ \t]*\r?\n?/i, "").replace(/`{1,3}\s*$/, "");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // which is what was asked
  }
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
