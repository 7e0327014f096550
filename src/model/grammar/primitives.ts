import { numberAutomaton, type NumberLimits } from "../automaton/number-automaton.ts";
import { automatonRule, PLAIN } from "./characters.ts";
import {
  characterClass,
  choice,
  EMPTY,
  type Expression,
  literal,
  optional,
  repeated,
  type Rules,
  sequence,
} from "./rules.ts";
import { anyString } from "./strings.ts";

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
    const object = rules.add(
      "object",
      enclosed("{", listOf(anyPair(value, rules), 0, undefined, "object", rules), rules),
    );
    const array = rules.add("array", enclosed("[", listOf(value, 0, undefined, "array", rules), rules));
    rules.define(name, choice([object, array, anyString(rules), anyNumber(rules), anyBoolean(rules), NULL]));
    return value;
  });
}

function anyPair(value: Expression, rules: Rules): Expression {
  return rules.add("pair", pairOf(anyString(rules), value, rules));
}
