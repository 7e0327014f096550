import { type Automaton, complement, intersect, isEmpty, lengthsBetween, stateOf } from "../automaton/automaton.ts";
import { numberAutomaton, type NumberLimits } from "../automaton/number-automaton.ts";
import {
  avoidingAutomaton,
  patternAutomaton,
  unlessUnsupported,
  wordsAutomaton,
} from "../automaton/pattern-automaton.ts";
import { automatonRule, automatonRules, IN_STRING, jsonCharacters, PLAIN } from "./characters.ts";
import {
  choice,
  type Expression,
  literal,
  NOTHING,
  type Rules,
  sequence,
  characterClass,
  EMPTY,
  optional,
  repeated,
} from "./rules.ts";

/**
 * The control tokens of o200k_harmony. llama-server matches a token by its characters, so that a rule for text lets the real `<|end|>`
 * through; text is every text that holds none of these names.
 */
const CONTROL_TOKENS = [
  "start",
  "end",
  "message",
  "channel",
  "constrain",
  "return",
  "call",
  "startoftext",
  "endoftext",
  "endofprompt",
].map((name) => `<|${name}|>`);
/** Also the numbered ones that no one uses, whatever their number. */
const RESERVED = "<|reserved_";
/** Behind `<|`, these begin a name. */
const NAME_BEGINNINGS = ["c", "e", "m", "r", "s"];

let harmless: Automaton | undefined;

/** All texts without a control token. */
function harmlessTexts(): Automaton {
  return (harmless ??= avoidingAutomaton([...CONTROL_TOKENS, RESERVED]));
}

let plainlyHarmless: Automaton | undefined;

function plainlyHarmlessTexts(): Automaton {
  return (plainlyHarmless ??= avoidingAutomaton(NAME_BEGINNINGS.map((letter) => `<|${letter}`)));
}

const bodyStates = new WeakMap<Rules, readonly string[]>();

/** A message's body: any text without a control token. @param read the text before it, when that is a part of the body too */
export function bodyRule(rules: Rules, read = ""): Expression {
  const names = bodyStates.get(rules) ?? automatonRules(harmlessTexts(), "body", rules, PLAIN);
  bodyStates.set(rules, names);
  return ruleBehind(read, names);
}

/** More than the longest name of a control token. */
const LONGEST_NAME = 32;

/** The rule of the state in which the automaton of harmless texts is behind a text. */
function ruleBehind(read: string, names: readonly string[]): Expression {
  const automaton = harmlessTexts();
  let state = 0;
  for (const character of read.slice(-LONGEST_NAME)) {
    const code = character.codePointAt(0) ?? 0;
    state = stateOf(automaton, state).edges.find(({ low, high }) => low <= code && code <= high)?.target ?? 0;
  }
  return { kind: "rule", name: names[state] ?? "" };
}

/** What is said of a string by all schemas that hold for it. */
export interface StringLimits {
  readonly patterns: readonly string[];
  readonly excluded: readonly string[];
  readonly least: number;
  readonly most: number | undefined;
}

export function anyString(rules: Rules): Expression {
  return rules.shared("string", () => rules.add("string", sequence(literal('"'), textRule(rules))));
}

/** Longer limits are left to the check afterwards: each length is a rule of its own. */
const MAX_COUNTED = 300;

/** What patterns and excluded texts leave, with its lengths as far as they can be said; undefined when it is anything. */
export function stringLanguage({ patterns, excluded, least, most }: StringLimits): Automaton | undefined {
  const languages = patterns.map(patternAutomaton).filter((automaton) => automaton !== undefined);
  if (excluded.length > 0) languages.push(complement(wordsAutomaton(excluded)));
  const hasLengths = least > 0 || most !== undefined;
  if (languages.length === 0) return hasLengths ? unlessUnsupported(() => lengthsBetween(least, most)) : undefined;
  const language = unlessUnsupported(() => languages.reduce(intersect));
  if (language === undefined || !hasLengths) return language;
  return unlessUnsupported(() => intersect(language, lengthsBetween(least, most))) ?? language;
}

/** A string; what no grammar can say of it is checked afterwards. */
export function stringRule(limits: StringLimits, wish: string, rules: Rules): Expression {
  const { least, most } = limits;
  if (least > (most ?? Infinity)) return NOTHING;
  const special = specialLanguage(limits);
  if (special !== undefined) return automatonString(special, wish, rules);
  if (least === 0 && most === undefined) return anyString(rules);
  return rules.add(wish, sequence(literal('"'), countedText(least, most, rules)));
}

/** Schemas repeat their patterns, and every request reads them again. */
const languages = new Map<string, Automaton | undefined>();
const MAX_LANGUAGES = 500;

/** Strings that more is said of than their lengths, without control tokens; undefined when no grammar can say it. */
function specialLanguage(limits: StringLimits): Automaton | undefined {
  const { patterns, excluded } = limits;
  if (patterns.length === 0 && excluded.length === 0) return undefined;
  const key = JSON.stringify(limits);
  if (!languages.has(key)) {
    if (languages.size >= MAX_LANGUAGES) languages.clear();
    languages.set(key, writableLanguage(limits));
  }
  return languages.get(key);
}

function writableLanguage(limits: StringLimits): Automaton | undefined {
  const { patterns, excluded } = limits;
  const isSpecial = excluded.length > 0 || patterns.some((pattern) => patternAutomaton(pattern) !== undefined);
  const candidates = isSpecial ? [limits, { ...limits, least: 0, most: undefined }] : [];
  for (const candidate of candidates) {
    const language = stringLanguage(candidate);
    const safe = language && harmlessPart(language);
    if (safe !== undefined && safe.length <= MAX_WRITTEN_STATES) return safe;
  }
  return undefined;
}

/** A string with more states would take more room in the grammar than all else; its check is left for afterwards. */
const MAX_WRITTEN_STATES = 1_000;
/** Where the exact names of the control tokens would multiply too many states, their first letters behind `<|` do. */
const MAX_EXACT_STATES = 40;

/** What of a language holds no control token; undefined when that takes too much. */
function harmlessPart(language: Automaton): Automaton | undefined {
  const code = "<".charCodeAt(0);
  const hasSign = language.some(({ edges }) => edges.some(({ low, high }) => low <= code && code <= high));
  if (!hasSign) return language;
  const isSmall = language.length <= MAX_EXACT_STATES;
  return unlessUnsupported(() => intersect(language, isSmall ? harmlessTexts() : plainlyHarmlessTexts()));
}

/** A string of a language that holds no control token. */
function automatonString(automaton: Automaton, wish: string, rules: Rules): Expression {
  if (isEmpty(automaton)) return NOTHING;
  return rules.shared(keyOf(automaton), () =>
    rules.add(wish, sequence(literal('"'), automatonRule(automaton, `${wish}-text`, rules, IN_STRING))),
  );
}

const keys = new WeakMap<Automaton, string>();

/** The same for automata that are equal. They can be large, and every tool of a request may have the same one. */
function keyOf(automaton: Automaton): string {
  const key = keys.get(automaton) ?? JSON.stringify(automaton);
  keys.set(automaton, key);
  return key;
}

/** A property's name of a language of its own. */
export function nameRule(language: Automaton, wish: string, rules: Rules): Expression {
  const safe = harmlessPart(language);
  return safe === undefined ? anyString(rules) : automatonString(safe, wish, rules);
}

const textStates = new WeakMap<Rules, readonly string[]>();

/** The inside of a string and its end, behind what has been read of it. */
function textRule(rules: Rules, read = ""): Expression {
  const names = textStates.get(rules) ?? automatonRules(harmlessTexts(), "text", rules, IN_STRING);
  textStates.set(rules, names);
  return ruleBehind(read, names);
}

/**
 * Text of so many characters, and its end. A rule for each length and for what was read last: nothing of note, `<` or `<|`. Behind `<|`
 * and the beginning of a control token's name characters are counted no more, since that takes a rule for each length and letter.
 */
function countedText(least: number, most: number | undefined, rules: Rules): Expression {
  const from = Math.min(least, MAX_COUNTED);
  const to = most === undefined || most > MAX_COUNTED ? undefined : most;
  return countedRule({ least: from, most: to, read: "" }, rules);
}

interface Count {
  readonly least: number;
  readonly most: number | undefined;
  readonly read: "" | "<" | "<|";
}

const KINDS = { "": "chars", "<": "chars-lt", "<|": "chars-bar" } as const;

function countedRule(count: Count, rules: Rules): Expression {
  const { least, most, read } = count;
  if (least === 0 && most === undefined) return textRule(rules, read);
  const key = `${KINDS[read]}-${least}-${most ?? "up"}`;
  return rules.shared(key, () => {
    const name = rules.reserve(key);
    const rest = { least: Math.max(least - 1, 0), most: most === undefined ? undefined : most - 1 };
    const steps: Expression[] = [];
    if (most !== 0) {
      const next = (after: Count["read"]) => countedRule({ ...rest, read: after }, rules);
      steps.push(sequence(ordinary(read, rules), next("")), sequence(literal("<"), next("<")));
      if (read === "<") steps.push(sequence(literal("|"), next("<|")));
      if (read === "<|")
        steps.push(...NAME_BEGINNINGS.map((letter) => sequence(literal(letter), textRule(rules, read + letter))));
    }
    if (least === 0) steps.push(literal('"'));
    rules.define(name, choice(steps));
    return { kind: "rule", name };
  });
}

/** A character after which nothing of a control token has been read. */
function ordinary(read: Count["read"], rules: Rules): Expression {
  const excluded = { "": "<", "<": "<|", "<|": `<${NAME_BEGINNINGS.join("")}` }[read];
  return rules.shared(`ordinary ${read}`, () => {
    const codes = Array.from(excluded, (character) => character.charCodeAt(0)).toSorted((a, b) => a - b);
    const bounds = [-1, ...codes, 0xd800];
    const below = bounds.slice(0, -1).map((code, index) => [code + 1, (bounds[index + 1] ?? 0) - 1] as const);
    const ranges = [...below.filter(([low, high]) => low <= high), [0xe000, 0x10ffff] as const];
    return rules.add("ordinary", jsonCharacters(ranges, rules));
  });
}

/** Space between the parts of JSON: as models write it, and not without end. */
export function whitespace(rules: Rules): Expression {
  const line = sequence(literal("\n"), repeated(characterClass(String.raw`[ \t]`), 0, 20));
  return rules.add("ws", choice([EMPTY, literal(" "), line]));
}

export function comma(rules: Rules): Expression {
  return rules.add("comma", sequence(literal(","), whitespace(rules)));
}

/** A property: its name, and a value. */
export function pairOf(name: Expression, value: Expression, rules: Rules): Expression {
  return sequence(name, literal(":"), whitespace(rules), value);
}

/** Entries between brackets, with commas between them. */
export function enclosed(open: "{" | "[", inside: Expression, rules: Rules): Expression {
  return sequence(literal(open), whitespace(rules), inside, whitespace(rules), literal(open === "{" ? "}" : "]"));
}

/** `least` to `most` of an entry, with commas between. */
export function listOf(
  entry: Expression,
  least: number,
  most: number | undefined,
  wish: string,
  rules: Rules,
): Expression {
  if (most === 0) return EMPTY;
  const more = rules.add(`${wish}-more`, sequence(comma(rules), entry));
  const several = sequence(entry, repeated(more, Math.max(least - 1, 0), most === undefined ? undefined : most - 1));
  return least > 0 ? several : optional(several);
}

/**
 * A value as JSON writes it. A control token's name in it is written with an escape: the value is the same, and no token stands in the
 * text.
 */
export function jsonLiteral(value: unknown): Expression {
  return literal(JSON.stringify(value).replaceAll(/<(?=\|\w+\|>)/g, String.raw`\u003c`));
}

const DIGIT = characterClass("[0-9]");
/** As many digits as JavaScript writes; a model that writes more would never end. */
const DIGITS = choice([literal("0"), sequence(characterClass("[1-9]"), repeated(DIGIT, 0, 20))]);

/** Any number that a double can hold. */
export function anyNumber(rules: Rules): Expression {
  const fraction = optional(sequence(literal("."), repeated(DIGIT, 1, 25)));
  const upTo279 = sequence(characterClass("[12]"), characterClass("[0-7]"), DIGIT);
  const positive = sequence(optional(literal("+")), choice([repeated(DIGIT, 1, 2), upTo279]));
  const exponent = choice([positive, sequence(literal("-"), repeated(DIGIT, 1, 3))]);
  const largest = sequence(
    characterClass("[1-9]"),
    fraction,
    characterClass("[eE]"),
    literal("+"),
    choice([sequence(characterClass("[12]"), DIGIT, DIGIT), sequence(literal("30"), characterClass("[0-7]"))]),
  );
  const usual = sequence(DIGITS, fraction, optional(sequence(characterClass("[eE]"), exponent)));
  return rules.add("number", sequence(optional(literal("-")), choice([usual, largest, nearLargest(rules)])));
}

/** The digits behind the point of the largest double. */
const LARGEST_FRACTION = "7976931348623157";

/** Numbers of the largest exponent; more than the largest double would be infinite. */
function nearLargest(rules: Rules): Expression {
  const below = Array.from(LARGEST_FRACTION, (digit, at) => {
    const begin = literal(LARGEST_FRACTION.slice(0, at));
    return sequence(begin, characterClass(`[0-${Number(digit) - 1}]`), repeated(DIGIT, 0, 20));
  });
  const equal = Array.from(LARGEST_FRACTION, (_, at) => literal(LARGEST_FRACTION.slice(0, at + 1)));
  const fraction = optional(sequence(literal("."), rules.add("largest-fraction", choice([...below, ...equal]))));
  return sequence(literal("1"), fraction, characterClass("[eE]"), literal("+308"));
}

/** A number within limits; what takes too much to say is checked afterwards. */
export function numberRule(limits: NumberLimits, rules: Rules): Expression {
  const isUnlimited = limits.least === undefined && limits.most === undefined && limits.multiplesOf.length === 0;
  if (isUnlimited && !limits.isInteger) return anyNumber(rules);
  const key = `number ${JSON.stringify(limits)}`;
  return rules.shared(key, () => {
    const automaton =
      numberAutomaton(limits) ??
      numberAutomaton({ ...limits, multiplesOf: [] }) ??
      numberAutomaton({ isInteger: limits.isInteger, multiplesOf: [] });
    const wish = limits.isInteger ? "integer" : "limited-number";
    return automaton === undefined ? anyNumber(rules) : rules.add(wish, automatonRule(automaton, wish, rules, PLAIN));
  });
}

export function anyBoolean(rules: Rules): Expression {
  return rules.add("boolean", choice([literal("true"), literal("false")]));
}

export const NULL = literal("null");

/** Any value of JSON. */
export function anyValue(rules: Rules): Expression {
  return rules.shared("any", () => {
    const name = rules.reserve("json-value");
    const value: Expression = { kind: "rule", name };
    const object = objectOf(value, rules);
    const array = rules.add("array", enclosed("[", listOf(value, 0, undefined, "array", rules), rules));
    rules.define(name, choice([object, array, anyString(rules), anyNumber(rules), anyBoolean(rules), NULL]));
    return value;
  });
}

/** Any object of JSON. */
export function anyObject(rules: Rules): Expression {
  return objectOf(anyValue(rules), rules);
}

function objectOf(value: Expression, rules: Rules): Expression {
  return rules.add("object", enclosed("{", listOf(anyPair(value, rules), 0, undefined, "object", rules), rules));
}

function anyPair(value: Expression, rules: Rules): Expression {
  return rules.add("pair", pairOf(anyString(rules), value, rules));
}
