import { ToolError } from "./tool-result.ts";

/** A fraction in lowest terms, its denominator positive: integers and decimals without any rounding. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Bits of a numerator or denominator, some 2,400 digits: a hundred steps with them take a fraction of a second. */
const MOST_BITS = 8_000;
/** Digits that are worth reading. */
const MOST_DIGITS = 1_000;
/** Digits of a rounded result; a double holds as many for certain. */
export const ROUNDED_DIGITS = 15;
/** Decimal places that are written out. */
const MOST_PLACES = 50;

export function fraction(numerator: bigint, denominator = 1n): Fraction {
  if (denominator === 0n) throw new ToolError("This divides by zero.");
  const shared = greatestDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  const reduced = { numerator: numerator / shared, denominator: denominator / shared };
  if (bitsOf(reduced.numerator) > MOST_BITS || bitsOf(reduced.denominator) > MOST_BITS) throw tooLarge();
  return reduced;
}

/** Of digits with or without a point and an exponent, such as `1.5e3`. */
export function parseDecimal(text: string): Fraction {
  const [, whole = "", places = "", exponent = "0"] = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const shift = Number(exponent) - places.length;
  if (Math.abs(shift) > 10 * MOST_DIGITS) throw tooLarge();
  const digits = BigInt(`${whole}${places}`);
  return shift >= 0 ? fraction(digits * 10n ** BigInt(shift)) : fraction(digits, 10n ** BigInt(-shift));
}

export function isInteger({ denominator }: Fraction): boolean {
  return denominator === 1n;
}

export function floor({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && numerator % denominator !== 0n ? quotient - 1n : quotient;
}

export function compare(one: Fraction, other: Fraction): number {
  const difference = one.numerator * other.denominator - other.numerator * one.denominator;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** @param exponent an integer */
export function power(base: Fraction, exponent: bigint): Fraction {
  const size = exponent < 0n ? -exponent : exponent;
  const bits = Math.max(bitsOf(base.numerator), bitsOf(base.denominator));
  // 0, 1 and -1 stay as small as they are
  if (bits > 1 && Number(size) * (bits - 1) > MOST_BITS) throw tooLarge();
  const even = bits > 1 ? size : size % 2n === 0n ? (size === 0n ? 0n : 2n) : 1n;
  const [numerator, denominator] = [base.numerator ** even, base.denominator ** even];
  return exponent < 0n ? fraction(denominator, numerator) : fraction(numerator, denominator);
}

export function factorial({ numerator, denominator }: Fraction): Fraction {
  if (denominator !== 1n || numerator < 0n) throw new ToolError("A factorial needs an integer from 0 on.");
  // 800! has some 6,600 bits
  if (numerator > 800n) throw tooLarge();
  let product = 1n;
  for (let factor = 2n; factor <= numerator; factor++) product *= factor;
  return fraction(product);
}

/** The square root, where it is a fraction. */
export function exactSquareRoot({ numerator, denominator }: Fraction): Fraction | undefined {
  if (numerator < 0n) return undefined;
  const [over, under] = [integerRoot(numerator), integerRoot(denominator)];
  return over * over === numerator && under * under === denominator ? fraction(over, under) : undefined;
}

/** The nearest double, also where both parts are too large for one. */
export function toDouble({ numerator, denominator }: Fraction): number {
  const excess = BigInt(Math.max(0, bitsOf(numerator) - 1_000, bitsOf(denominator) - 1_000));
  if (excess === 0n) return Number(numerator) / Number(denominator);
  const scale = bitsOf(numerator) - bitsOf(denominator);
  const shift = BigInt(Math.abs(64 - scale));
  const scaled = scale < 64 ? (numerator << shift) / denominator : numerator / (denominator << shift);
  return Number(scaled) * 2 ** (scale - 64);
}

/** The exact value where it has an end that is worth reading, else a rounded one that says so. */
export function formatFraction(value: Fraction): string {
  const { numerator, denominator } = value;
  const sign = numerator < 0n ? "-" : "";
  const size = numerator < 0n ? -numerator : numerator;
  const places = decimalPlaces(denominator);
  if (places !== undefined) {
    const digits = String((size * 10n ** BigInt(places)) / denominator);
    if (places <= MOST_PLACES && digits.length <= MOST_DIGITS) return sign + pointInto(digits, places);
    if (places > MOST_PLACES && digits.length <= MOST_PLACES) return sign + withExponent(digits, places);
  }
  if (String(size / denominator).length > MOST_DIGITS) throw tooLarge();
  const exactly = `${numerator}/${denominator}`;
  return `${sign}${roundedDigits(size, denominator)} (rounded${exactly.length <= 60 ? `; exactly ${exactly}` : ""})`;
}

function roundedDigits(size: bigint, denominator: bigint): string {
  // of a small value as many places more as it begins with zeros
  const zeros = Math.max(0, String(denominator).length - String(size).length);
  const places = ROUNDED_DIGITS + zeros;
  const digits = String((2n * size * 10n ** BigInt(places) + denominator) / (2n * denominator));
  return zeros > 6 ? withExponent(digits, places) : pointInto(digits, places);
}

function pointInto(digits: string, places: number): string {
  if (places === 0) return digits;
  const padded = digits.padStart(places + 1, "0");
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`.replace(/\.?0+$/, "");
}

function withExponent(digits: string, places: number): string {
  const [first = "0", rest] = [digits[0], digits.slice(1).replace(/0+$/, "")];
  const exponent = digits.length - 1 - places;
  return `${first}${rest === "" ? "" : `.${rest}`}e${exponent}`;
}

/** How many a decimal with this denominator has; undefined when it has no end. */
function decimalPlaces(denominator: bigint): number | undefined {
  let [twos, fives] = [0, 0];
  let rest = denominator;
  for (; rest % 2n === 0n; rest /= 2n) twos++;
  for (; rest % 5n === 0n; rest /= 5n) fives++;
  return rest === 1n ? Math.max(twos, fives) : undefined;
}

export function greatestDivisor(one: bigint, other: bigint): bigint {
  let [larger, smaller] = [one < 0n ? -one : one, other < 0n ? -other : other];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}

/** Newton's way, from above. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(2).length;
}

function tooLarge(): ToolError {
  return new ToolError(`The result, or a step on the way, has more than ${MOST_DIGITS} digits.`);
}
