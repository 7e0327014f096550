import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { distance } from "fastest-levenshtein";
import { francAll } from "franc-min";
import { messageOf } from "../../errors/errors.ts";
import { errorDetail } from "../../i18n/error-messages.ts";
import { readSchema } from "../../inference/schema/read-schema.ts";
import { SchemaValidator } from "../../inference/schema/validator.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt } from "../../prompts/prompts.ts";
import { templateVariables } from "../../prompts/template.ts";
import type { CheckOf, Language, CheckDefinition } from "../definition/schema.ts";
import { type Case, readText } from "../definition/test-cases.ts";
import {
  type CheckFunction,
  failed,
  passed,
  quote,
  fillFrom,
  normalize,
  boundedWork,
  TOO_LONG,
  countCharacters,
  unknown,
} from "./check.ts";

export function contains({ value, match, ignore_case: ignoreCase }: CheckOf<"contains">): CheckFunction {
  const templates = typeof value === "string" ? [value] : value;
  return (judged) => {
    const text = normalize(judged.text, ignoreCase);
    const wanted = templates.map((template) => fillFrom(template, judged));
    const missing = wanted.filter((part) => !text.includes(normalize(part, ignoreCase)));
    const found = wanted.length - missing.length;
    if (missing.length === 0) return passed(`contains ${list(wanted)}`);
    if (match === "any" && found > 0)
      return passed(`contains ${list(wanted.filter((part) => !missing.includes(part)))}`);
    // with "any" there is no part of it: one is enough and none is nothing
    return failed(`lacks ${list(missing)}`, match === "all" ? found / wanted.length : 0);
  };
}

function list(parts: readonly string[]): string {
  return parts.map((part) => quote(part)).join(", ");
}

export function equals({ value, ignore_case: ignoreCase }: CheckOf<"equals">): CheckFunction {
  return (judged) => {
    const wanted = fillFrom(value, judged).trim();
    const same = normalize(judged.text.trim(), ignoreCase) === normalize(wanted, ignoreCase);
    return same ? passed(`is ${quote(wanted)}`) : failed(`is ${quote(judged.text)}, not ${quote(wanted)}`);
  };
}

/** 1 for equal texts, 0 for texts that share nothing: 1 − Levenshtein distance ÷ length of the longer one. */
export function similarity({ value, at_least: atLeast }: CheckOf<"similarity">): CheckFunction {
  return (judged) => {
    const text = normalize(judged.text.trim(), false);
    const wanted = normalize(fillFrom(value, judged).trim(), false);
    const longer = Math.max(text.length, wanted.length);
    const score = longer === 0 ? 1 : 1 - distance(text, wanted) / longer;
    const why = `${score.toFixed(2)} like ${quote(wanted)}`;
    return score >= atLeast ? { ...passed(why), score } : failed(`${why}, less than ${atLeast}`, score);
  };
}

/** A pattern with `{{…}}` is another one for each case. @throws SyntaxError for a pattern that is not valid in one of them */
export function regex(
  { pattern, flags }: CheckOf<"regex">,
  cases: readonly Pick<Case, "variables" | "expected">[] = [],
): CheckFunction {
  const compiled = new Map<string, RegExp>();
  const expressionFor = (input: Pick<Case, "variables" | "expected">) => {
    const source = fillFrom(pattern, { case: input });
    const expression = compiled.get(source) ?? new RegExp(source, flags);
    compiled.set(source, expression);
    return expression;
  };
  for (const input of variablesWithin(pattern).length === 0 ? [NO_VALUES] : cases) expressionFor(input);
  return ({ text, case: input }) => {
    const expression = expressionFor(input);
    // a global expression remembers where it stopped in the last answer
    expression.lastIndex = 0;
    const match = boundedWork(() => expression.exec(text));
    if (match === TOO_LONG) return failed(`${String(expression)} takes too long on this answer`);
    return match ? passed(`matches with ${quote(match[0])}`) : failed(`does not match ${String(expression)}`);
  };
}

const NO_VALUES = { variables: {}, expected: undefined };

/** No answer at all is not a short one. */
const NO_ANSWER = "there is no answer";

export function maxChars({ limit }: CheckOf<"max_chars">): CheckFunction {
  return ({ text }) => {
    const count = countCharacters(text);
    if (count === 0) return failed(NO_ANSWER);
    if (count > limit) return failed(`${count} characters, more than ${limit}`);
    return passed(`${count} of at most ${limit} characters`);
  };
}

export function maxTokens({ limit, on }: CheckOf<"max_tokens">): CheckFunction {
  return ({ text, answer: { tokens } }) => {
    const count = on === "analysis" ? tokens.thinking : tokens.answer;
    if (text === "") return failed(NO_ANSWER);
    return count > limit
      ? failed(`${count} tokens, more than ${limit}`)
      : passed(`${count} of at most ${limit} tokens`);
  };
}

/** The answer ended by itself. */
export function noTruncation(): CheckFunction {
  return ({ answer: { finishReason } }) =>
    finishReason === "length" ? failed("cut at the limit of tokens") : passed(`ended by itself (${finishReason})`);
}

/** Languages that their writing tells; what is written in letters of another script is foreign. */
const SCRIPTS = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー]/gu,
  zh: /\p{Script=Han}/gu,
  ko: /[\p{Script=Hangul}\p{Script=Han}]/gu,
  ru: /\p{Script=Cyrillic}/gu,
} as const satisfies Partial<Record<Language, RegExp>>;

/** franc's names (ISO 639-3) of those that are written in Latin letters. */
const LATIN = { en: "eng", de: "deu", fr: "fra", es: "spa", it: "ita", pt: "por", nl: "nld" } as const;

/** Below this many letters trigrams are guesswork. */
const ENOUGH_LETTERS = 15;
/** Names and terms in other letters are part of any language. */
const MOST_FOREIGN = 0.4;
/** Beyond this many letters no Japanese text does without kana. */
const LONGEST_HAN_ALONE = 12;

/** The text is in this language; the score is the share of its letters that are of the language's script. */
export function language({ language: wanted }: CheckOf<"language">): CheckFunction {
  return ({ text }) => {
    const letters = [...text.matchAll(/\p{L}/gu)].length;
    if (letters === 0) return unknown("has no letters");
    return isLatin(wanted) ? judgeLatin(text, letters, wanted) : judgeScript(text, letters, wanted);
  };
}

function isLatin(wanted: Language): wanted is keyof typeof LATIN {
  return wanted in LATIN;
}

function judgeScript(text: string, letters: number, wanted: keyof typeof SCRIPTS) {
  const kana = countOf(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const hangul = countOf(text, /\p{Script=Hangul}/gu);
  const share = Math.min(1, countOf(text, SCRIPTS[wanted]) / letters);
  const percent = `${Math.round(share * 100)} % of its letters are of ${wanted}`;
  if (share < 1 - MOST_FOREIGN) return failed(`only ${percent}`, share);
  if (wanted === "ja" && kana === 0 && letters > LONGEST_HAN_ALONE)
    return failed("has no kana, so it is rather Chinese");
  if (wanted === "zh" && kana > 0) return failed("has kana, so it is rather Japanese");
  if (wanted === "ko" && hangul === 0) return failed("has no hangul");
  return { ...passed(percent), score: share };
}

function judgeLatin(text: string, letters: number, wanted: keyof typeof LATIN) {
  const share = countOf(text, /\p{Script=Latin}/gu) / letters;
  if (share < 1 - MOST_FOREIGN) return failed(`only ${Math.round(share * 100)} % of its letters are Latin`, share);
  if (letters < ENOUGH_LETTERS) return unknown(`${letters} letters are too few to tell the language`);
  const [best] = francAll(text, { minLength: 1, only: Object.values(LATIN) });
  const found = best?.[0];
  return found === LATIN[wanted] ? { ...passed(`is ${wanted}`), score: share } : failed(`is rather ${nameOf(found)}`);
}

function nameOf(code: string | undefined): string {
  return Object.entries(LATIN).find(([, long]) => long === code)?.[0] ?? "another language";
}

function countOf(text: string, letters: RegExp): number {
  return [...text.matchAll(letters)].length;
}

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

/** The model has called this tool, with these arguments among its own. */
export function toolCalled({ tool: template, arguments: wanted }: CheckOf<"tool_called">): CheckFunction {
  return (judged) => {
    const tool = fillFrom(template, judged);
    const { toolCalls } = judged.answer;
    const calls = toolCalls.filter(({ name }) => name === tool);
    if (calls.length === 0) {
      const others = toolCalls.map(({ name }) => name).join(", ");
      return failed(others === "" ? `no tool was called` : `${others} was called instead of ${tool}`);
    }
    if (wanted === undefined) return passed(`${tool} was called`);
    const filled = Object.entries(wanted).map(([name, value]) => [name, fillAll(value, judged.case)] as const);
    const fits = calls.some((call) => {
      const given = parseObject(call.arguments);
      return filled.every(([name, value]) => isDeepStrictEqual(given?.[name], value));
    });
    const shown = calls.map((call) => call.arguments).join(" ");
    return fits ? passed(`${tool} was called with ${shown}`) : failed(`${tool} was called with ${shown}`);
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // what the model wrote is no JSON, so it has no arguments
    return undefined;
  }
}

/** A value of a check with the case's values in every string, however deep it is. */
export function fillAll(value: unknown, input: Pick<Case, "variables" | "expected">): unknown {
  if (typeof value === "string") return fillFrom(value, { case: input });
  if (Array.isArray(value)) return value.map((item) => fillAll(item, input));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, input)]));
}

/** The names that stand in `{{…}}` in a value of a check, however deep. */
export function variablesWithin(value: unknown): readonly string[] {
  if (typeof value === "string") return templateVariables(value);
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(variablesWithin))];
}

/** The fields that a check fills in: each of them has to have a value in every case. */
export function fieldsOf(check: CheckDefinition, schema: unknown, folder: string): readonly string[] {
  if ("value" in check) return variablesWithin(check.value);
  if (check.type === "regex") return variablesWithin(check.pattern);
  if (check.type === "tool_called") return variablesWithin([check.tool, check.arguments]);
  if (check.type === "json") return variablesWithin(schema);
  return check.type === "judge" ? judgeFields(check, folder) : [];
}

const FILLED: ReadonlySet<string> = new Set(["value", "pattern", "tool", "arguments"]);

/** A field in which `{{…}}` would stay as it is, without anybody noticing. */
export function unfilledTemplate(check: CheckDefinition): string | undefined {
  const [field] =
    Object.entries(check).find(
      ([name, value]) => !FILLED.has(name) && typeof value === "string" && templateVariables(value).length > 0,
    ) ?? [];
  return field;
}

/** What a judge's prompt needs beside the answer; a prompt that is wrong is reported when it is prepared. */
function judgeFields({ prompt }: CheckOf<"judge">, folder: string): readonly string[] {
  const path = resolveUserPath(prompt, folder);
  if (prompt.endsWith(".md") && !existsSync(path)) return [];
  const { variables } = loadPrompt(prompt.endsWith(".md") ? path : prompt);
  return variables.filter((name) => name !== "answer" && name !== "analysis");
}
