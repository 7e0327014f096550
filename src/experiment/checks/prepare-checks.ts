import { existsSync } from "node:fs";
import { GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt } from "../../prompts/prompts.ts";
import type { CheckDefinition, CheckOf, CompleteDefinition } from "../definition/schema.ts";
import type { Case } from "../definition/test-cases.ts";
import type { DefinitionSource } from "../definition/source.ts";
import type { Subject } from "../definition/subjects.ts";
import { type Check, type CheckFunction, fillFrom } from "./check.ts";
import {
  contains,
  equals,
  json,
  schemaOf,
  language,
  maxChars,
  maxTokens,
  noTruncation,
  regex,
  similarity,
  fieldsOf,
  unfilledTemplate,
  toolCalled,
} from "./built-in-checks.ts";
import { guard, javascript } from "./javascript-check.ts";

export interface PrepareOptions {
  readonly folder: string;
  readonly source: DefinitionSource;
  readonly cases: readonly Case[];
  readonly subjects: readonly Subject[];
  readonly allowJavascript: boolean;
  /** Further checks, as functions, by name. */
  readonly checks?: Readonly<Record<string, CheckFunction>> | undefined;
}

/**
 * Makes a definition's checks ready to run: patterns and schemas are compiled, modules and judges' prompts loaded.
 * @throws GptOssError `usage` with the line of the check that is wrong
 */
export async function prepareChecks(
  definition: CompleteDefinition,
  options: PrepareOptions,
): Promise<readonly Check[]> {
  const names = new Set<string>();
  const checks: Check[] = [];
  for (const [index, check] of definition.checks.entries()) {
    const name = check.name ?? nextName(check.type, names);
    if (names.has(name)) throw options.source.wrong(["checks", index], errorDetail("checkTwice", name));
    names.add(name);
    requireFields(check, index, options);
    requireTool(check, index, definition, options);
    const { type, weight, on, not } = check;
    checks.push({ name, type, weight, on, negated: not, run: await prepareGuarded(check, index, options) });
  }
  for (const [name, check] of Object.entries(options.checks ?? {})) {
    if (names.has(name)) throw options.source.wrong(["checks"], errorDetail("checkTwice", name));
    checks.push({
      name,
      type: "function",
      weight: 1,
      on: "final",
      negated: false,
      run: { kind: "function", check: guard(check) },
    });
  }
  return checks;
}

function nextName(type: string, names: ReadonlySet<string>): string {
  let name = type;
  for (let number = 2; names.has(name); number++) name = `${type} ${number}`;
  return name;
}

async function prepareGuarded(check: CheckDefinition, index: number, options: PrepareOptions): Promise<Check["run"]> {
  try {
    return check.type === "judge"
      ? prepareJudge(check, options.folder)
      : { kind: "function", check: await prepareFunction(check, options) };
  } catch (error) {
    if (GptOssError.isInstance(error) && error.hint?.includes("--allow-javascript")) throw error;
    throw options.source.wrong(["checks", index], messageOf(error));
  }
}

async function prepareFunction(
  check: Exclude<CheckDefinition, { type: "judge" }>,
  { folder, allowJavascript, cases }: PrepareOptions,
): Promise<CheckFunction> {
  switch (check.type) {
    case "equals":
      return equals(check);
    case "contains":
      return contains(check);
    case "regex":
      return regex(check, cases);
    case "json":
      return json(schemaOf(check, folder), cases);
    case "max_chars":
      return maxChars(check);
    case "max_tokens":
      return maxTokens(check);
    case "language":
      return language(check);
    case "tool_called":
      return toolCalled(check);
    case "no_truncation":
      return noTruncation();
    case "similarity":
      return similarity(check);
    case "javascript":
      return await prepareJavascript(resolveUserPath(check.module, folder), check.time_limit * 1000, allowJavascript);
    default:
      return check satisfies never;
  }
}

async function prepareJavascript(path: string, limitMs: number, allowed: boolean): Promise<CheckFunction> {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  if (!allowed) {
    throw createError("untrustedProgram", [path]);
  }
  return await javascript(path, limitMs);
}

function prepareJudge(check: CheckOf<"judge">, folder: string): Check["run"] {
  const prompt = loadPrompt(check.prompt.endsWith(".md") ? resolveUserPath(check.prompt, folder) : check.prompt);
  if (!prompt.variables.includes("answer")) throw new Error(`the judge's prompt ${prompt.name} has no {{answer}}`);
  const { pass_pattern: pass, fail_pattern: fail } = check;
  if ((pass === undefined) !== (fail === undefined))
    throw new Error("pass_pattern and fail_pattern go together; leave both out for a verdict that a schema binds");
  const patterns =
    pass === undefined || fail === undefined
      ? undefined
      : { pass: new RegExp(pass, "iu"), fail: new RegExp(fail, "iu") };
  return { kind: "judge", prompt, patterns, maxTokens: check.max_tokens };
}

/** Every `{{field}}` of a check has to stand in every case. */
function requireFields(check: CheckDefinition, index: number, options: PrepareOptions): void {
  const { source, cases, folder } = options;
  const unfilled = unfilledTemplate(check);
  if (unfilled !== undefined) throw source.wrong(["checks", index, unfilled], errorDetail("noTemplateHere", unfilled));
  for (const field of fieldsOf(check, check.type === "json" ? readSchema(check, index, options) : undefined, folder)) {
    const lacking = cases.find(({ variables, expected }) =>
      field === "expected" ? expected === undefined : !Object.hasOwn(variables, field),
    );
    if (lacking) throw source.wrong(["checks", index], errorDetail("noValueInCase", field, lacking.id));
  }
}

function readSchema(check: CheckOf<"json">, index: number, { source, folder }: PrepareOptions): unknown {
  try {
    return schemaOf(check, folder);
  } catch (error) {
    throw source.wrong(["checks", index, "schema"], messageOf(error));
  }
}

/** A tool that is not offered can't be called: a check for it says nothing, and always passes under `not`. */
function requireTool(
  check: CheckDefinition,
  index: number,
  { tools }: CompleteDefinition,
  { cases, subjects, source }: PrepareOptions,
): void {
  // what tools a program offers is its own affair
  if (check.type !== "tool_called" || subjects.some(({ kind }) => kind === "program")) return;
  const own = subjects.flatMap((subject) => (subject.kind === "prompt" ? (subject.tools ?? tools) : []));
  const offered = [...new Set(own.map(({ name }) => name))];
  const names = new Set(cases.map((input) => fillFrom(check.tool, { case: input })));
  const missing = [...names].find((name) => !offered.includes(name));
  if (missing === undefined) return;
  throw source.wrong(["checks", index, "tool"], errorDetail("toolNotOffered", missing, offered.join(", ")));
}
