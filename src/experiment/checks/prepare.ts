import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { GptOssError, messageOf } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import { loadPrompt } from "../../prompts.ts";
import type { CheckDefinition, CheckOf } from "../definition/check-schema.ts";
import type { Case } from "../definition/read-cases.ts";
import type { CompleteDefinition } from "../definition/schema.ts";
import type { DefinitionSource } from "../definition/source.ts";
import { templateVariables } from "../../text/template.ts";
import type { Check, CheckFunction } from "./check.ts";
import { contains } from "./contains.ts";
import { equals } from "./equals.ts";
import { guard, javascript } from "./javascript.ts";
import { json } from "./json.ts";
import { language } from "./language.ts";
import { maxChars, maxTokens, noTruncation } from "./limits.ts";
import { regex } from "./regex.ts";
import { similarity } from "./similarity.ts";
import { toolCalled } from "./tool-called.ts";

export interface PrepareOptions {
  readonly folder: string;
  readonly source: DefinitionSource;
  readonly cases: readonly Case[];
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
    if (names.has(name)) throw options.source.wrong(["checks", index], reason("checkTwice", name));
    names.add(name);
    requireFields(check, index, options);
    const { type, weight, on, not } = check;
    checks.push({ name, type, weight, on, negated: not, run: await prepareGuarded(check, index, options) });
  }
  for (const [name, check] of Object.entries(options.checks ?? {})) {
    if (names.has(name)) throw options.source.wrong(["checks"], reason("checkTwice", name));
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
  { folder, allowJavascript }: PrepareOptions,
): Promise<CheckFunction> {
  switch (check.type) {
    case "equals":
      return equals(check);
    case "contains":
      return contains(check);
    case "regex":
      return regex(check);
    case "json":
      return json(check, folder);
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
      return await prepareJavascript(resolve(folder, check.module), check.time_limit * 1000, allowJavascript);
    default:
      return check satisfies never;
  }
}

async function prepareJavascript(path: string, limitMs: number, allowed: boolean): Promise<CheckFunction> {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  if (!allowed) {
    throw failed("untrustedProgram", [path]);
  }
  return await javascript(path, limitMs);
}

function prepareJudge(check: CheckOf<"judge">, folder: string): Check["run"] {
  const prompt = loadPrompt(check.prompt.endsWith(".md") ? resolve(folder, check.prompt) : check.prompt);
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
function requireFields(check: CheckDefinition, index: number, { source, cases, folder }: PrepareOptions): void {
  for (const field of fieldsOf(check, folder)) {
    const lacking = cases.find(({ variables, expected }) =>
      field === "expected" ? expected === undefined : !Object.hasOwn(variables, field),
    );
    if (lacking) throw source.wrong(["checks", index], reason("noValueInCase", field, lacking.id));
  }
}

/** The fields that a check fills in; patterns and schemas have none. */
function fieldsOf(check: CheckDefinition, folder: string): readonly string[] {
  if (check.type === "equals" || check.type === "similarity") return templateVariables(check.value);
  if (check.type === "contains") return [check.value].flat().flatMap(templateVariables);
  if (check.type === "tool_called") return Object.values(check.arguments ?? {}).flatMap(fieldsOfValue);
  return check.type === "judge" ? judgeFields(check, folder) : [];
}

function fieldsOfValue(value: unknown): readonly string[] {
  return typeof value === "string" ? templateVariables(value) : [];
}

/** What a judge's prompt needs beside the answer; a prompt that is wrong is told of when it is prepared. */
function judgeFields({ prompt }: CheckOf<"judge">, folder: string): readonly string[] {
  const path = resolve(folder, prompt);
  if (prompt.endsWith(".md") && !existsSync(path)) return [];
  const { variables } = loadPrompt(prompt.endsWith(".md") ? path : prompt);
  return variables.filter((name) => name !== "answer" && name !== "analysis");
}
