import { existsSync } from "node:fs";
import { distance } from "fastest-levenshtein";
import { francAll } from "franc-min";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt } from "../../prompts/prompts.ts";
import { templateVariables } from "../../prompts/template.ts";
import type { CheckOf, Language, CheckDefinition } from "../definition/check-schema.ts";
import type { Case } from "../definition/test-cases.ts";
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
  type Judged,
  unknown,
} from "./check.ts";
import { reasonOf } from "./check-reason.ts";

export function contains({ value, match, ignore_case: ignoreCase }: CheckOf<"contains">): CheckFunction {
  return (judged) => {
    const text = normalize(judged.text, ignoreCase);
    const wanted = textsFrom(value, judged);
    const missing = wanted.filter((part) => !text.includes(normalize(part, ignoreCase)));
    const found = wanted.length - missing.length;
    if (missing.length === 0) return passed(reasonOf("contains", list(wanted)));
    if (match === "any" && found > 0)
      return passed(reasonOf("contains", list(wanted.filter((part) => !missing.includes(part)))));
    // with "any" there is no part of it: one is enough and none is nothing
    return failed(reasonOf("lacks", list(missing)), match === "all" ? found / wanted.length : 0);
  };
}

/** The texts of a check; where `{{expected}}` is a list, all of it. */
function textsFrom(value: string | readonly string[], judged: Judged): readonly string[] {
  if (typeof value !== "string") return value.map((template) => fillFrom(template, judged));
  const text = fillFrom(value, judged);
  return (/^\s*\{\{\s*expected\s*\}\}\s*$/.test(value) && listIn(text)) || [text];
}

function listIn(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  } catch {
    // a text that begins with a bracket
    return undefined;
  }
}

/** The whole answer is one of these texts. */
export function oneOf({ value, ignore_case: ignoreCase }: CheckOf<"one_of">): CheckFunction {
  return (judged) => {
    const wanted = textsFrom(value, judged).map((text) => text.trim());
    const text = normalize(judged.text.trim(), ignoreCase);
    const found = wanted.find((one) => normalize(one, ignoreCase) === text);
    return found === undefined
      ? failed(reasonOf("isNoneOf", quote(judged.text), list(wanted)))
      : passed(reasonOf("is", quote(found)));
  };
}

/** A number as people write it: with a sign, commas between thousands, or an exponent. */
const NUMBER = /[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

function lastNumber(text: string): number | undefined {
  const last = text.normalize("NFKC").match(NUMBER)?.at(-1);
  return last === undefined ? undefined : Number(last.replaceAll(",", "").replace("\u2212", "-"));
}

/** The last number in the answer is this one, or near enough. */
export function numberNear({ value, tolerance, relative }: CheckOf<"number">): CheckFunction {
  return (judged) => {
    const wanted = lastNumber(fillFrom(value, judged));
    const found = lastNumber(judged.text);
    if (wanted === undefined) return unknown(reasonOf("noNumberExpected", quote(fillFrom(value, judged))));
    if (found === undefined) return failed(reasonOf("noNumber"));
    const apart = Math.abs(found - wanted);
    const most = relative ? tolerance * Math.abs(wanted) : tolerance;
    // 0.1 + 0.2 is to be within 0 of 0.3
    const isNear = apart <= most + Number.EPSILON * Math.max(Math.abs(found), Math.abs(wanted), 1);
    return isNear ? passed(reasonOf("near", found, wanted)) : failed(reasonOf("notNear", found, wanted));
  };
}

/** The server needed at most this many milliseconds. */
export function latency({ limit }: CheckOf<"latency">): CheckFunction {
  return ({ answer: { promptMs, generationMs } }) => {
    const took = Math.round(promptMs + generationMs);
    return took > limit ? failed(reasonOf("slow", took, limit)) : passed(reasonOf("fast", took, limit));
  };
}

function list(parts: readonly string[]): string {
  return parts.map((part) => quote(part)).join(", ");
}

export function equals({ value, ignore_case: ignoreCase }: CheckOf<"equals">): CheckFunction {
  return (judged) => {
    const wanted = fillFrom(value, judged).trim();
    const same = normalize(judged.text.trim(), ignoreCase) === normalize(wanted, ignoreCase);
    return same ? passed(reasonOf("is", quote(wanted))) : failed(reasonOf("isNot", quote(judged.text), quote(wanted)));
  };
}

/** 1 for equal texts, 0 for texts that share nothing: 1 − Levenshtein distance ÷ length of the longer one. */
export function similarity({ value, at_least: atLeast }: CheckOf<"similarity">): CheckFunction {
  return (judged) => {
    const text = normalize(judged.text.trim(), false);
    const wanted = normalize(fillFrom(value, judged).trim(), false);
    const longer = Math.max(text.length, wanted.length);
    const score = longer === 0 ? 1 : 1 - distance(text, wanted) / longer;
    const compared = [score.toFixed(2), quote(wanted)] as const;
    return score >= atLeast
      ? { ...passed(reasonOf("similar", ...compared)), score }
      : failed(reasonOf("notSimilar", ...compared, atLeast), score);
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
    if (match === TOO_LONG) return failed(reasonOf("patternTooSlow", String(expression)));
    return match ? passed(reasonOf("matches", quote(match[0]))) : failed(reasonOf("noMatch", String(expression)));
  };
}

const NO_VALUES = { variables: {}, expected: undefined };

/** No answer at all is not a short one. */
const NO_ANSWER = reasonOf("noAnswer");

export function maxChars({ limit }: CheckOf<"max_chars">): CheckFunction {
  return ({ text }) => {
    const count = countCharacters(text);
    if (count === 0) return failed(NO_ANSWER);
    if (count > limit) return failed(reasonOf("tooManyCharacters", count, limit));
    return passed(reasonOf("characters", count, limit));
  };
}

export function maxTokens({ limit, on }: CheckOf<"max_tokens">): CheckFunction {
  return ({ text, answer: { tokens } }) => {
    const count = on === "analysis" ? tokens.thinking : tokens.answer;
    if (text === "") return failed(NO_ANSWER);
    return count > limit ? failed(reasonOf("tooManyTokens", count, limit)) : passed(reasonOf("tokens", count, limit));
  };
}

/** The answer ended by itself. */
export function noTruncation(): CheckFunction {
  return ({ answer: { finishReason } }) =>
    finishReason === "length" ? failed(reasonOf("truncated")) : passed(reasonOf("ended", finishReason));
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
    if (letters === 0) return unknown(reasonOf("noLetters"));
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
  const percent = Math.round(share * 100);
  if (share < 1 - MOST_FOREIGN) return failed(reasonOf("otherScript", percent, wanted), share);
  if (wanted === "ja" && kana === 0 && letters > LONGEST_HAN_ALONE) return failed(reasonOf("noKana"));
  if (wanted === "zh" && kana > 0) return failed(reasonOf("kana"));
  if (wanted === "ko" && hangul === 0) return failed(reasonOf("noHangul"));
  return { ...passed(reasonOf("script", percent, wanted)), score: share };
}

function judgeLatin(text: string, letters: number, wanted: keyof typeof LATIN) {
  const share = countOf(text, /\p{Script=Latin}/gu) / letters;
  if (share < 1 - MOST_FOREIGN) return failed(reasonOf("notLatin", Math.round(share * 100)), share);
  if (letters < ENOUGH_LETTERS) return unknown(reasonOf("tooFewLetters", letters));
  const [best] = francAll(text, { minLength: 1, only: Object.values(LATIN) });
  const found = best?.[0];
  if (found === LATIN[wanted]) return { ...passed(reasonOf("language", wanted)), score: share };
  const name = nameOf(found);
  return failed(name === undefined ? reasonOf("unknownLanguage") : reasonOf("otherLanguage", name));
}

function nameOf(code: string | undefined): string | undefined {
  return Object.entries(LATIN).find(([, long]) => long === code)?.[0];
}

function countOf(text: string, letters: RegExp): number {
  return [...text.matchAll(letters)].length;
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
  if (check.type === "json") return variablesWithin([schema, check.value]);
  if ("value" in check) return variablesWithin(check.value);
  if (check.type === "regex") return variablesWithin(check.pattern);
  if (check.type === "tool_called") return variablesWithin([check.tool, check.arguments, check.after]);
  if (check.type === "tool_not_called") return variablesWithin(check.tool);
  return check.type === "judge" ? judgeFields(check, folder) : [];
}

const FILLED: ReadonlySet<string> = new Set(["value", "pattern", "tool", "arguments", "after", "criteria"]);

/** A field in which `{{…}}` would stay as it is, without anybody noticing. */
export function unfilledTemplate(check: CheckDefinition): string | undefined {
  const [field] =
    Object.entries(check).find(
      ([name, value]) => !FILLED.has(name) && typeof value === "string" && templateVariables(value).length > 0,
    ) ?? [];
  return field;
}

/** What a judge's prompt needs beside the answer; a prompt that is wrong is reported when it is prepared. */
function judgeFields({ prompt, criteria }: CheckOf<"judge">, folder: string): readonly string[] {
  if (prompt === undefined) return variablesWithin(criteria).filter((name) => name !== "answer" && name !== "analysis");
  const path = resolveUserPath(prompt, folder);
  if (prompt.endsWith(".md") && !existsSync(path)) return [];
  const { variables } = loadPrompt(prompt.endsWith(".md") ? path : prompt);
  return variables.filter((name) => name !== "answer" && name !== "analysis");
}
