import { existsSync } from "node:fs";
import { GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt, type Prompt } from "../../prompts/prompts.ts";
import { templateVariables } from "../../prompts/template.ts";
import type { CompleteDefinition } from "../definition/schema.ts";
import type { CheckDefinition, CheckOf } from "../definition/check-schema.ts";
import type { Case } from "../definition/test-cases.ts";
import type { DefinitionSource } from "../definition/source.ts";
import type { Subject } from "../definition/subjects.ts";
import { type Check, type CheckFunction, type CheckScope, fillFrom } from "./check.ts";
import {
  contains,
  equals,
  latency,
  numberNear,
  oneOf,
  language,
  maxChars,
  maxTokens,
  noTruncation,
  regex,
  similarity,
  fieldsOf,
  unfilledTemplate,
} from "./built-in-checks.ts";
import { maxSteps, noInvalidCalls, toolCalled, toolNotCalled } from "./tool-checks.ts";
import { json, schemaOf } from "./json-check.ts";
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

/** The checks of one list in a definition. */
interface CheckList {
  readonly checks: readonly CheckDefinition[];
  /** In the definition. */
  readonly at: readonly (string | number)[];
  readonly scope: CheckScope | undefined;
  /** Those that it judges. */
  readonly cases: readonly Case[];
}

/**
 * Makes a definition's checks ready to run: patterns and schemas are compiled, modules and judges' prompts loaded.
 * @throws GptOssError `usage` with the line of the check that is wrong
 */
export async function prepareChecks(
  definition: CompleteDefinition,
  options: PrepareOptions,
): Promise<readonly Check[]> {
  const shared = new Set<string>();
  const everywhere = { checks: definition.checks, at: ["checks"], scope: undefined, cases: options.cases };
  const checks = [...(await prepareList(everywhere, shared, definition, options))];
  for (const [index, input] of options.cases.entries()) {
    const names = new Set(shared);
    for (const list of listsOf(input, index, definition)) {
      checks.push(...(await prepareList(list, names, definition, options)));
    }
  }
  for (const [name, check] of Object.entries(options.checks ?? {})) {
    if (shared.has(name)) throw options.source.wrong(["checks"], errorDetail("checkTwice", name));
    checks.push({
      name,
      type: "function",
      weight: 1,
      on: "final",
      negated: false,
      run: { kind: "function", check: guard(check) },
    });
  }
  if (checks.length === 0) throw options.source.wrong(["checks"], errorDetail("noCheck"));
  return checks;
}

/** The checks that a case has of its own, and its turns. */
function listsOf(input: Case, index: number, { cases }: CompleteDefinition): readonly CheckList[] {
  // a case of a file has no line in the definition
  const at = typeof cases === "string" ? ["cases"] : ["cases", index];
  const own = { checks: input.checks, at: [...at, "checks"], scope: { case: input.id }, cases: [input] };
  const turns = input.turns.map(({ checks }, turn) => ({
    checks,
    at: [...at, "turns", turn, "checks"],
    scope: { case: input.id, turn: turn + 1 },
    cases: [input],
  }));
  return [own, ...turns].filter(({ checks }) => checks.length > 0);
}

async function prepareList(
  { checks, at, scope, cases }: CheckList,
  names: Set<string>,
  definition: CompleteDefinition,
  options: PrepareOptions,
): Promise<readonly Check[]> {
  const prepared: Check[] = [];
  for (const [index, check] of checks.entries()) {
    const place = { ...options, cases, at: [...at, index] };
    const base = scope?.turn === undefined ? check.type : `${check.type}, turn ${scope.turn + 1}`;
    const name = check.name ?? nextName(base, names);
    if (names.has(name)) throw options.source.wrong(place.at, errorDetail("checkTwice", name));
    names.add(name);
    requireFields(check, place);
    requireTool(check, definition, place);
    const { type, weight, on, not } = check;
    const run = await prepareGuarded(check, definition, place);
    prepared.push({ name, type, weight, on, negated: not, run, ...(scope && { scope }) });
  }
  return prepared;
}

/** Where a check is being prepared: its place in the definition, and the cases that it judges. */
interface PlaceOptions extends PrepareOptions {
  readonly at: readonly (string | number)[];
}

function nextName(type: string, names: ReadonlySet<string>): string {
  let name = type;
  for (let number = 2; names.has(name); number++) name = `${type} ${number}`;
  return name;
}

async function prepareGuarded(
  check: CheckDefinition,
  definition: CompleteDefinition,
  options: PlaceOptions,
): Promise<Check["run"]> {
  try {
    return check.type === "judge"
      ? prepareJudge(check, options.folder)
      : { kind: "function", check: await prepareFunction(check, definition, options) };
  } catch (error) {
    if (GptOssError.isInstance(error) && error.hint?.includes("--allow-javascript")) throw error;
    throw options.source.wrong(options.at, messageOf(error));
  }
}

async function prepareFunction(
  check: Exclude<CheckDefinition, { type: "judge" }>,
  definition: CompleteDefinition,
  { folder, allowJavascript, cases, subjects }: PlaceOptions,
): Promise<CheckFunction> {
  switch (check.type) {
    case "equals":
      return equals(check);
    case "contains":
      return contains(check);
    case "regex":
      return regex(check, cases);
    case "json":
      return json(check, schemaOf(check, folder), cases);
    case "number":
      return numberNear(check);
    case "one_of":
      return oneOf(check);
    case "latency":
      return latency(check);
    case "max_chars":
      return maxChars(check);
    case "max_tokens":
      return maxTokens(check);
    case "language":
      return language(check);
    case "tool_called":
      return toolCalled(check);
    case "tool_not_called":
      return toolNotCalled(check);
    case "max_steps":
      return maxSteps(check);
    case "no_invalid_calls":
      return noInvalidCalls(offeredTools(definition, subjects));
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

/** Reasons first: the judge decides after it has thought. */
const JUDGE_SYSTEM = "You judge an answer by one criterion. Judge nothing else, and do not be lenient.";

function judgePrompt({ prompt, criteria }: CheckOf<"judge">, folder: string): Prompt {
  if ((prompt === undefined) === (criteria === undefined)) throw new Error("a judge has either a prompt or criteria");
  if (prompt !== undefined) return loadPrompt(prompt.endsWith(".md") ? resolveUserPath(prompt, folder) : prompt);
  const body = `The criterion: ${criteria ?? ""}\n\nThe answer:\n\n{{answer}}`;
  return {
    name: "criteria",
    system: JUDGE_SYSTEM,
    variables: templateVariables(body),
    notes: undefined,
    body,
    path: "criteria",
  };
}

function prepareJudge(check: CheckOf<"judge">, folder: string): Check["run"] {
  const prompt = judgePrompt(check, folder);
  if (!prompt.variables.includes("answer")) throw new Error(`the judge's prompt ${prompt.name} has no {{answer}}`);
  const { pass_pattern: pass, fail_pattern: fail } = check;
  if ((pass === undefined) !== (fail === undefined))
    throw new Error("pass_pattern and fail_pattern go together; leave both out for a verdict that a schema binds");
  const patterns =
    pass === undefined || fail === undefined
      ? undefined
      : { pass: new RegExp(pass, "iu"), fail: new RegExp(fail, "iu") };
  const { rubric, at_least: atLeast, model, effort, max_tokens: mostTokens } = check;
  if (rubric !== undefined && patterns) throw new Error("rubric and pass_pattern exclude each other");
  const path = model?.endsWith(".gguf") ? resolveUserPath(model, folder) : model;
  return {
    kind: "judge",
    prompt,
    patterns,
    maxTokens: mostTokens,
    model: path,
    effort,
    rubric: rubric === undefined ? undefined : { points: rubric, atLeast },
  };
}

/** Every case that a check judges must have a value for each `{{field}}` of the check. */
function requireFields(check: CheckDefinition, options: PlaceOptions): void {
  const { source, cases, folder, at } = options;
  const unfilled = unfilledTemplate(check);
  if (unfilled !== undefined) throw source.wrong([...at, unfilled], errorDetail("noTemplateHere", unfilled));
  for (const field of fieldsOf(check, check.type === "json" ? readSchema(check, options) : undefined, folder)) {
    const lacking = cases.find(({ variables, expected }) =>
      field === "expected" ? expected === undefined : !Object.hasOwn(variables, field),
    );
    if (lacking) throw source.wrong(at, errorDetail("noValueInCase", field, lacking.id));
  }
}

function readSchema(check: CheckOf<"json">, { source, folder, at }: PlaceOptions): unknown {
  try {
    return schemaOf(check, folder);
  } catch (error) {
    throw source.wrong([...at, "schema"], messageOf(error));
  }
}

/** The names of all tools that the variants offer; undefined where that is a program's own affair, or a toolbox's. */
function offeredTools(
  { tools, toolbox }: CompleteDefinition,
  subjects: readonly Subject[],
): readonly string[] | undefined {
  const isOpen = subjects.some((subject) => subject.kind === "program" || (subject.toolbox ?? toolbox) !== undefined);
  if (isOpen) return undefined;
  const own = subjects.flatMap((subject) => (subject.kind === "prompt" ? (subject.tools ?? tools) : []));
  return [...new Set(own.map(({ name }) => name))];
}

/** A tool that is not offered can't be called: a check for it says nothing, and always passes under `not`. */
function requireTool(
  check: CheckDefinition,
  definition: CompleteDefinition,
  { cases, subjects, source, at }: PlaceOptions,
): void {
  if (check.type !== "tool_called") return;
  const offered = offeredTools(definition, subjects);
  if (offered === undefined) return;
  const names = new Set(cases.map((input) => fillFrom(check.tool, { case: input })));
  const missing = [...names].find((name) => !offered.includes(name));
  if (missing === undefined) return;
  throw source.wrong([...at, "tool"], errorDetail("toolNotOffered", missing, offered.join(", ")));
}
