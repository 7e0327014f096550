import { z } from "zod";
import { type AgentTool, createTool } from "./define-tool.ts";
import {
  compare,
  exactSquareRoot,
  factorial,
  floor,
  formatFraction,
  type Fraction,
  fraction,
  greatestDivisor,
  isInteger,
  parseDecimal,
  power,
  ROUNDED_DIGITS,
  toDouble,
} from "./exact-number.ts";
import { ToolError } from "./tool-result.ts";

/** Computes an expression: exactly where that is possible, and says where it is not. */
export function calculator(): AgentTool {
  return createTool({
    name: "calculator",
    description:
      "Calculates an expression with + - * / ^, parentheses, pi, e and functions such as sqrt, round, floor, abs, ln, log10, sin, min, max and mod(a, b).",
    schema: z.object({ expression: z.string().describe("for example (12 + 30) * 2 or sqrt(2)") }),
    run: ({ expression }) => calculate(expression),
  });
}

/** Exact as long as the steps allow it, a double afterwards. */
type Value = Fraction | number;

/** Longer ones are not sums; deep nesting would overflow the stack. */
const MOST_CHARACTERS = 500;

/**
 * Computes an expression with Python's precedence: `-2^2` is -4, `2^3^2` is 512, `//` and `%` round down.
 * @returns the exact value, or a rounded one that says so
 * @throws ToolError when it can't be read, or has no finite value
 */
export function calculate(expression: string): string {
  if (expression.length > MOST_CHARACTERS) {
    throw new ToolError(`The expression has more than ${MOST_CHARACTERS} characters.`);
  }
  const value = new Expression(tokensOf(plainSigns(expression))).evaluate();
  return typeof value === "number" ? formatDouble(value) : formatFraction(value);
}

function formatDouble(value: number): string {
  if (!Number.isFinite(value)) throw new ToolError("The result is not a finite number.");
  return `${Number(value.toPrecision(ROUNDED_DIGITS))} (rounded)`;
}

/** Full-width characters and the signs that people write. NFKC would make 52 of 5², so it is not used. */
function plainSigns(expression: string): string {
  return expression
    .replaceAll(/[！-～]/g, (wide) => String.fromCodePoint((wide.codePointAt(0) ?? 0) - 0xfee0))
    .replaceAll(/[⁰¹²³⁴-⁹]+/g, (digits) => `^(${Array.from(digits, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join("")})`)
    .replaceAll(/[×⋅·]/g, "*")
    .replaceAll(/[÷∕]/g, "/")
    .replaceAll(/[−–]/g, "-")
    .replaceAll("**", "^")
    .replaceAll("π", "pi");
}

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?![\w.])|(?<name>[a-z]\w*)|(?<sign>\/\/|[-+*/^%!(),]))\s*/iy;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const position = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new ToolError(`The expression can't be read from "${text.slice(position, position + 20)}" on.`);
    }
    tokens.push(match[0].trim().toLowerCase());
  }
  return tokens;
}

/** Reads and computes in one go, from the weakest operators to the strongest. */
class Expression {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  evaluate(): Value {
    const value = this.#sum();
    if (this.#peek() !== undefined) throw this.#unexpected();
    return value;
  }

  #sum(): Value {
    let value = this.#product();
    for (let sign = this.#take("+", "-"); sign !== undefined; sign = this.#take("+", "-")) {
      const other = this.#product();
      value = sign === "+" ? add(value, other) : add(value, negate(other));
    }
    return value;
  }

  #product(): Value {
    let value = this.#signed();
    for (let sign = this.#take("*", "/", "//", "%"); sign !== undefined; sign = this.#take("*", "/", "//", "%")) {
      if (sign === "%" && ["+", "-", undefined].includes(this.#peek())) {
        throw new ToolError("% is the remainder of a division. Write 15/100 for 15 percent.");
      }
      const other = this.#signed();
      if (sign === "*") value = multiply(value, other);
      else if (sign === "/") value = divide(value, other);
      else if (sign === "//") value = floorOf(divide(value, other));
      else value = remainder(value, other);
    }
    return value;
  }

  /** A sign binds less than a power before it, and more after it: -2^-2 is -(2^(-2)). */
  #signed(): Value {
    let isNegative = false;
    for (let sign = this.#take("+", "-"); sign !== undefined; sign = this.#take("+", "-")) {
      if (sign === "-") isNegative = !isNegative;
    }
    const value = this.#power();
    return isNegative ? negate(value) : value;
  }

  #power(): Value {
    let base = this.#operand();
    while (this.#take("!") !== undefined) base = factorial(exact(base));
    return this.#take("^") === undefined ? base : raise(base, this.#signed());
  }

  #operand(): Value {
    const token = this.#peek();
    this.#next++;
    if (token === undefined) throw new ToolError("The expression ends too early.");
    if (token === "(") {
      const value = this.#sum();
      this.#expect(")");
      return value;
    }
    if (/^[\d.]/.test(token)) return parseDecimal(token);
    if (token === "pi") return Math.PI;
    if (token === "e") return Math.E;
    const compute = FUNCTIONS.get(token);
    if (compute === undefined || this.#peek() !== "(") {
      this.#next--;
      throw this.#unexpected();
    }
    return compute(this.#arguments(), token);
  }

  #arguments(): Value[] {
    this.#expect("(");
    const values = [this.#sum()];
    while (this.#take(",") !== undefined) values.push(this.#sum());
    this.#expect(")");
    return values;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(...signs: readonly string[]): string | undefined {
    const token = this.#peek();
    if (token === undefined || !signs.includes(token)) return undefined;
    this.#next++;
    return token;
  }

  #expect(sign: string): void {
    if (this.#take(sign) === undefined) throw this.#unexpected(sign);
  }

  #unexpected(expected?: string): ToolError {
    const found = this.#peek() === undefined ? "the end" : `"${this.#peek()}"`;
    const wanted = expected === undefined ? "" : `, expected "${expected}"`;
    return new ToolError(`The expression can't be calculated: unexpected ${found}${wanted}.`);
  }
}

function isExact(value: Value): value is Fraction {
  return typeof value !== "number";
}

function double(value: Value): number {
  return isExact(value) ? toDouble(value) : value;
}

/** @throws ToolError for what was rounded before, since its last digits are not known */
function exact(value: Value): Fraction {
  if (isExact(value)) return value;
  throw new ToolError("This needs an exact number, and a step before it was rounded.");
}

function negate(value: Value): Value {
  return isExact(value) ? { numerator: -value.numerator, denominator: value.denominator } : -value;
}

function add(one: Value, other: Value): Value {
  if (!isExact(one) || !isExact(other)) return double(one) + double(other);
  const numerator = one.numerator * other.denominator + other.numerator * one.denominator;
  return fraction(numerator, one.denominator * other.denominator);
}

function multiply(one: Value, other: Value): Value {
  if (!isExact(one) || !isExact(other)) return double(one) * double(other);
  return fraction(one.numerator * other.numerator, one.denominator * other.denominator);
}

function divide(one: Value, other: Value): Value {
  if (isExact(other) && other.numerator === 0n) throw new ToolError("This divides by zero.");
  if (!isExact(one) || !isExact(other)) return double(one) / double(other);
  return fraction(one.numerator * other.denominator, one.denominator * other.numerator);
}

function floorOf(value: Value): Value {
  return isExact(value) ? fraction(floor(value)) : Math.floor(value);
}

/** With the sign of the divisor, as Python's. */
function remainder(one: Value, other: Value): Value {
  return add(one, negate(multiply(floorOf(divide(one, other)), other)));
}

function raise(base: Value, exponent: Value): Value {
  if (isExact(base) && isExact(exponent)) {
    if (isInteger(exponent)) return power(base, exponent.numerator);
    if (exponent.denominator === 2n) {
      const root = exactSquareRoot(base);
      if (root !== undefined) return power(root, exponent.numerator);
    }
  }
  return realValue(double(base) ** double(exponent));
}

function realValue(value: number): number {
  if (Number.isNaN(value)) throw new ToolError("This has no real value.");
  return value;
}

type Compute = (values: readonly Value[], name: string) => Value;

/** Of one number: exact where `exactly` gives a value. */
function ofOne(rounded: (value: number) => number, exactly?: (value: Fraction) => Fraction | undefined): Compute {
  return (values, name) => {
    const [value] = values;
    if (value === undefined || values.length !== 1) throw new ToolError(`${name} takes one number.`);
    const result = isExact(value) ? exactly?.(value) : undefined;
    return result ?? realValue(rounded(double(value)));
  };
}

/** sin(0), cos(0), exp(0) and others that give an integer for 0 give exactly that. */
function exactAtZero(rounded: (value: number) => number): Compute {
  return ofOne(rounded, ({ numerator }) => {
    const result = rounded(0);
    return numerator === 0n && Number.isInteger(result) ? fraction(BigInt(result)) : undefined;
  });
}

function exactLogarithm(base: bigint, rounded: (value: number) => number): Compute {
  return ofOne(rounded, (value) => {
    const guess = Math.round(rounded(toDouble(value)));
    if (!Number.isFinite(guess)) throw new ToolError("A logarithm needs a number above zero.");
    return compare(power(fraction(base), BigInt(guess)), value) === 0 ? fraction(BigInt(guess)) : undefined;
  });
}

function roundTo(values: readonly Value[]): Value {
  const [value, places = fraction(0n)] = values;
  if (value === undefined || values.length > 2) throw new ToolError("round takes a number, and a number of places.");
  const scale = raise(fraction(10n), fraction(floor(exact(places))));
  // a rounded value has digits enough for this
  const scaled = multiply(isExact(value) ? value : parseDouble(value), scale);
  return divide(floorOf(add(scaled, fraction(1n, 2n))), scale);
}

function parseDouble(value: number): Fraction {
  if (!Number.isFinite(value)) throw new ToolError("The result is not a finite number.");
  const size = parseDecimal(String(Math.abs(value)));
  return value < 0 ? fraction(-size.numerator, size.denominator) : size;
}

function ceilingOf(value: Value): Value {
  return negate(floorOf(negate(value)));
}

function absolute(value: Value): Value {
  return double(value) < 0 ? negate(value) : value;
}

function integersOf(values: readonly Value[], name: string): bigint[] {
  return values.map((value) => {
    const integer = exact(value);
    if (!isInteger(integer)) throw new ToolError(`${name} takes integers.`);
    return integer.numerator;
  });
}

function pick(sign: 1 | -1): Compute {
  return (values) =>
    values.reduce((best, value) => {
      const difference = isExact(best) && isExact(value) ? compare(value, best) : double(value) - double(best);
      return difference * sign > 0 ? value : best;
    });
}

/** Of two numbers. */
function ofTwo(compute: (one: Value, other: Value) => Value): Compute {
  return (values, name) => {
    const [one, other] = values;
    if (one === undefined || other === undefined || values.length !== 2) {
      throw new ToolError(`${name} takes two numbers.`);
    }
    return compute(one, other);
  };
}

function onlyOne(compute: (value: Value) => Value): Compute {
  return (values, name) => {
    const [value] = values;
    if (value === undefined || values.length !== 1) throw new ToolError(`${name} takes one number.`);
    return compute(value);
  };
}

const FUNCTIONS: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  ["sqrt", ofOne(Math.sqrt, exactSquareRoot)],
  ["cbrt", exactAtZero(Math.cbrt)],
  ["abs", onlyOne(absolute)],
  ["floor", onlyOne(floorOf)],
  ["ceil", onlyOne(ceilingOf)],
  ["trunc", onlyOne((value) => (double(value) < 0 ? ceilingOf(value) : floorOf(value)))],
  ["sign", onlyOne((value) => fraction(BigInt(Math.sign(double(value)))))],
  ["round", roundTo],
  ["min", pick(-1)],
  ["max", pick(1)],
  ["mod", ofTwo(remainder)],
  ["pow", ofTwo(raise)],
  ["factorial", onlyOne((value) => factorial(exact(value)))],
  ["gcd", (values, name) => fraction(integersOf(values, name).reduce((one, other) => greatestDivisor(one, other)))],
  [
    "lcm",
    (values, name) =>
      fraction(integersOf(values, name).reduce((one, other) => (one * other) / greatestDivisor(one, other))),
  ],
  ["exp", exactAtZero(Math.exp)],
  ["ln", ofOne(Math.log, (value) => (compare(value, fraction(1n)) === 0 ? fraction(0n) : undefined))],
  ["log", ofOne(Math.log, (value) => (compare(value, fraction(1n)) === 0 ? fraction(0n) : undefined))],
  ["log10", exactLogarithm(10n, Math.log10)],
  ["log2", exactLogarithm(2n, Math.log2)],
  [
    "hypot",
    (values) =>
      raise(
        values.reduce((sum, value) => add(sum, multiply(value, value)), fraction(0n)),
        fraction(1n, 2n),
      ),
  ],
  ["atan2", ofTwo((one, other) => Math.atan2(double(one), double(other)))],
  ...(["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"] as const).map(
    (name): [string, Compute] => [name, exactAtZero(Math[name])],
  ),
]);
