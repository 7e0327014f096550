import type { JsonSchema } from "./json-schema.ts";
import { anyInteger, anyNumber, positiveNumber } from "./primitives.ts";
import { alternatives, type Rules } from "./rules.ts";

/** Beyond this a bound is none: zod gives every integer the bounds of what a double holds exactly. */
const FAR = 1e15;

/** A number that is no integer: its sign can be ruled out, any other bound is checked afterwards. */
export function numberRule({ minimum, exclusiveMinimum }: JsonSchema, rules: Rules): string {
  const least = Math.max(minimum ?? -Infinity, exclusiveMinimum ?? -Infinity);
  return least >= 0 ? positiveNumber(rules) : anyNumber(rules);
}

/** An integer between its bounds, digit by digit. */
export function integerRule(schema: JsonSchema, rules: Rules): string {
  const least = Math.max(schema.minimum ?? -FAR, (schema.exclusiveMinimum ?? -FAR - 1) + 1, -FAR);
  const most = Math.min(schema.maximum ?? FAR, (schema.exclusiveMaximum ?? FAR + 1) - 1, FAR);
  const [from, to] = [Math.ceil(least), Math.floor(most)];
  if ((from <= -FAR && to >= FAR) || from > to) return anyInteger(rules);
  return rules.add(`integer-${from}-${to}`, alternatives(integersBetween(from, to)));
}

function integersBetween(from: number, to: number): string[] {
  if (from >= 0) return naturalsBetween(from, to);
  const negative = naturalsBetween(to < 0 ? -to : 1, -from).map((digits) => `"-" ${digits}`);
  return to < 0 ? negative : [...negative, ...naturalsBetween(0, to)];
}

/** The numbers from `from` to `to`, by their count of digits. */
function naturalsBetween(from: number, to: number): string[] {
  const choices: string[] = [];
  for (let length = String(from).length; length <= String(to).length; length++) {
    const least = Math.max(from, length === 1 ? 0 : 10 ** (length - 1));
    const most = Math.min(to, 10 ** length - 1);
    choices.push(...sameLength(String(least), String(most)));
  }
  return choices;
}

/** The digits between two numbers with equally many of them. */
function sameLength(least: string, most: string): string[] {
  const [first = "", last = ""] = [least[0], most[0]];
  if (least.length === 1) return [`[${first}-${last}]`];
  const [low, high] = [least.slice(1), most.slice(1)];
  const isWhole = /^0*$/.test(low) && /^9*$/.test(high);
  if (first === last) return isWhole ? [`[${first}] ${anyDigits(low)}`] : prefixed(first, sameLength(low, high));
  if (isWhole) return [`[${first}-${last}] ${anyDigits(low)}`];
  const between =
    Number(last) - Number(first) > 1 ? [`[${Number(first) + 1}-${Number(last) - 1}] ${anyDigits(low)}`] : [];
  return [
    ...prefixed(first, sameLength(low, "9".repeat(low.length))),
    ...between,
    ...prefixed(last, sameLength("0".repeat(high.length), high)),
  ];
}

function anyDigits(digits: string): string {
  return digits.length === 1 ? "[0-9]" : `[0-9]{${digits.length},${digits.length}}`;
}

function prefixed(digit: string, rests: readonly string[]): string[] {
  return [`[${digit}] ${alternatives(rests)}`];
}
