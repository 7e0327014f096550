import { type Automaton, AutomatonLimit, exploreStates, minimize, productOf } from "./automaton.ts";
import { patternAutomaton, unlessUnsupported } from "./pattern-automaton.ts";

/** One end of a range of numbers. */
export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

export interface NumberLimits {
  readonly isInteger: boolean;
  readonly least?: Bound | undefined;
  readonly most?: Bound | undefined;
  readonly multiplesOf: readonly number[];
}

/** A magnitude in plain digits: JavaScript writes large and small ones with exponents. */
interface Decimal {
  readonly whole: string;
  /** Without zeros at its end. */
  readonly fraction: string;
}

/** As many digits as JavaScript writes; a model that writes more would never end. */
const WHOLE_DIGITS = 21;
const FRACTION_DIGITS = 25;
const ANY_FRACTION = String.raw`(?:\.\d+)?`;
/** From here JavaScript writes exponents, and from here on every double is an integer. */
const HUGE = 1e21;
const TINY = 1e-6;
const HUGE_EXPONENT = String.raw`[eE]\+(?:2[1-9]|[3-9]\d|[12]\d\d|30[0-7])`;
const TINY_EXPONENT = String.raw`[eE]-(?:0?[7-9]|[1-9]\d|[12]\d\d|3[01]\d|32[0-3])`;
/** Below this a double is zero. */
const SMALLEST = String.raw`[5-9](?:\.\d{1,20})?[eE]-324`;

/** Bounds beyond this, or with more digits than this behind the point, are rounded outwards and checked afterwards. */
const FAR = 1e30;
const NEAR_DIGITS = 30;

/** Schemas repeat their bounds, and every request reads them again. */
const known = new Map<string, Automaton | undefined>();
const MAX_KNOWN = 500;

/** All numbers within limits, as JSON writes them; undefined where that takes too much. */
export function numberAutomaton(limits: NumberLimits): Automaton | undefined {
  const key = JSON.stringify(limits);
  if (!known.has(key)) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, makeNumberAutomaton(limits));
  }
  return known.get(key);
}

function makeNumberAutomaton(given: NumberLimits): Automaton | undefined {
  const limits = { ...given, least: outward(given.least, -1), most: outward(given.most, 1) };
  return unlessUnsupported(() => {
    const languages = [
      `^(?:${plainNumber(limits)}${exponentForms(limits)})$`,
      ...[atLeast(limits.least), atMost(limits.most)].filter((pattern) => pattern !== undefined),
    ].map((pattern) => patternAutomaton(pattern));
    let whole: Automaton | undefined;
    for (const language of languages) {
      if (language === undefined) throw new AutomatonLimit("a bound");
      whole = whole === undefined ? language : productOf(whole, language);
    }
    const bounded = limits.multiplesOf.length > 0 ? minimize(whole ?? []) : (whole ?? []);
    return minimize(limits.multiplesOf.reduce((rest, step) => productOf(rest, multiplesOf(step)), bounded));
  });
}

/** @param away -1 for a lower bound, 1 for an upper one */
function outward(bound: Bound | undefined, away: -1 | 1): Bound | undefined {
  if (bound === undefined || bound.value * away >= FAR) return undefined;
  if (Math.abs(bound.value) >= FAR) return { value: away * -FAR, isExclusive: false };
  if (decimalOf(bound.value).fraction.length <= NEAR_DIGITS) return bound;
  const rounded = Number(bound.value.toFixed(NEAR_DIGITS));
  return { value: rounded + away * 10 ** -NEAR_DIGITS, isExclusive: false };
}

/** Digits without an exponent, as many as the bounds need. */
function plainNumber({ isInteger, least, most }: NumberLimits): string {
  const bounds = [least, most].flatMap((bound) => (bound === undefined ? [] : [decimalOf(bound.value)]));
  const whole = Math.max(WHOLE_DIGITS, ...bounds.map((bound) => bound.whole.length + 1));
  const fraction = Math.max(FRACTION_DIGITS, ...bounds.map((bound) => bound.fraction.length + 1));
  const integral = String.raw`(?:0|[1-9]\d{0,${whole - 1}})`;
  if (isInteger) return String.raw`0|-?[1-9]\d{0,${whole - 1}}`;
  return String.raw`-?${integral}(?:\.\d{1,${fraction}})?`;
}

/** With an exponent only where the sign alone decides whether a number is within its bounds. */
function exponentForms({ isInteger, least, most, multiplesOf: steps }: NumberLimits): string {
  if (steps.length > 0) return "";
  const [low, high] = [least?.value ?? -Infinity, most?.value ?? Infinity];
  const mantissa = String.raw`[1-9](?:\.\d{1,${isInteger ? 16 : 20}})?`;
  const forms = [];
  if (high === Infinity && (low <= HUGE || low >= FAR)) forms.push(mantissa + HUGE_EXPONENT);
  if (low === -Infinity && (high >= -HUGE || high <= -FAR)) forms.push(`-${mantissa}${HUGE_EXPONENT}`);
  if (!isInteger && low <= 0 && high >= TINY) forms.push(mantissa + TINY_EXPONENT, SMALLEST);
  if (!isInteger && high >= 0 && low <= -TINY) forms.push(`-${mantissa}${TINY_EXPONENT}`, `-${SMALLEST}`);
  return forms.map((form) => `|${form}`).join("");
}

/** Bounds are compared digit by digit; what has an exponent was looked at before. */
const WITH_EXPONENT = String.raw`-?[\d.]+[eE].*`;

function atLeast(bound: Bound | undefined): string | undefined {
  if (bound === undefined) return undefined;
  const { value, isExclusive } = bound;
  const magnitude = decimalOf(value);
  const signed =
    value > 0
      ? magnitudeAtLeast(magnitude, isExclusive)
      : value === 0
        ? isExclusive
          ? magnitudeAtLeast(magnitude, true)
          : anyMagnitude()
        : `${anyMagnitude()}|-(?:${magnitudeAtMost(magnitude, isExclusive)})`;
  return `^(?:${signed}|${WITH_EXPONENT})$`;
}

function atMost(bound: Bound | undefined): string | undefined {
  if (bound === undefined) return undefined;
  const { value, isExclusive } = bound;
  const magnitude = decimalOf(value);
  const signed =
    value < 0
      ? `-(?:${magnitudeAtLeast(magnitude, isExclusive)})`
      : `${magnitudeAtMost(magnitude, isExclusive)}|-(?:${magnitudeAtLeast(decimalOf(0), true)})`;
  return `^(?:${signed}|${WITH_EXPONENT})$`;
}

function anyMagnitude(): string {
  return String.raw`(?:0|[1-9]\d*)${ANY_FRACTION}`;
}

function magnitudeAtLeast({ whole, fraction }: Decimal, isExclusive: boolean): string {
  const longer = String.raw`[1-9]\d{${whole.length},}${ANY_FRACTION}`;
  const greater = Array.from(whole, (digit, at) =>
    digit === "9" ? [] : [`${whole.slice(0, at)}${afterDigit(digit)}${digits(whole.length - at - 1)}${ANY_FRACTION}`],
  ).flat();
  const nonzero = String.raw`\d*[1-9]\d*`;
  const fractions =
    fraction === ""
      ? [isExclusive ? String.raw`\.${nonzero}` : ANY_FRACTION]
      : [
          ...Array.from(fraction, (digit, at) =>
            digit === "9" ? [] : [String.raw`\.${fraction.slice(0, at)}${afterDigit(digit)}\d*`],
          ).flat(),
          String.raw`\.${fraction}${isExclusive ? nonzero : String.raw`\d*`}`,
        ];
  return [longer, ...greater, `${whole}(?:${fractions.join("|")})`].join("|");
}

/** The empty choice `[]` is of no use in a pattern; where nothing is left, a character that no number has stands for it. */
const NOTHING = "x";

function magnitudeAtMost({ whole, fraction }: Decimal, isExclusive: boolean): string {
  const shorter = whole.length === 1 ? [] : [String.raw`(?:0|[1-9]\d{0,${whole.length - 2}})${ANY_FRACTION}`];
  const smaller = Array.from(whole, (digit, at) => {
    const lowest = at === 0 && whole.length > 1 ? 1 : 0;
    const before = Number(digit) - 1;
    if (before < lowest) return [];
    return [`${whole.slice(0, at)}[${lowest}-${before}]${digits(whole.length - at - 1)}${ANY_FRACTION}`];
  }).flat();
  const equal =
    fraction === ""
      ? isExclusive
        ? []
        : [String.raw`${whole}(?:\.0+)?`]
      : [
          whole,
          ...Array.from(fraction, (digit, at) => [
            ...(at > 0 ? [String.raw`${whole}\.${fraction.slice(0, at)}`] : []),
            ...(digit === "0" ? [] : [String.raw`${whole}\.${fraction.slice(0, at)}[0-${Number(digit) - 1}]\d*`]),
          ]).flat(),
          ...(isExclusive ? [] : [String.raw`${whole}\.${fraction}0*`]),
        ];
  return [...shorter, ...smaller, ...equal].join("|") || NOTHING;
}

function afterDigit(digit: string): string {
  return `[${Number(digit) + 1}-9]`;
}

function digits(count: number): string {
  return count === 0 ? "" : String.raw`\d{${count}}`;
}

/** @throws AutomatonLimit for a step with too many remainders to tell apart */
function multiplesOf(step: number): Automaton {
  const { whole, fraction } = decimalOf(step);
  const places = fraction.length;
  const unit = BigInt(whole + fraction);
  if (unit <= 0n || unit > 400n || places > 6) throw new AutomatonLimit(`multiples of ${step}`);
  const modulus = Number(unit);
  // the remainder so far, and how many digits of the fraction have been read; -1 in front of the point
  const automaton = exploreStates<{ readonly remainder: number; readonly read: number; readonly isBegun: boolean }>(
    { remainder: 0, read: -1, isBegun: false },
    ({ remainder, read, isBegun }) => `${remainder},${read},${String(isBegun)}`,
    ({ remainder, read, isBegun }, numberOf) => {
      const missing = places - Math.max(read, 0);
      const isAccepting = isBegun && (remainder * 10 ** missing) % modulus === 0;
      const edges = Array.from({ length: 10 }, (_, digit) => {
        const code = 0x30 + digit;
        if (read >= places) {
          if (digit > 0) return [];
          return [{ low: code, high: code, target: numberOf({ remainder, read, isBegun: true }) }];
        }
        const next = (remainder * 10 + digit) % modulus;
        const target = numberOf({ remainder: next, read: read < 0 ? -1 : read + 1, isBegun: true });
        return [{ low: code, high: code, target }];
      }).flat();
      if (read < 0 && isBegun) edges.push({ low: 0x2e, high: 0x2e, target: numberOf({ remainder, read: 0, isBegun }) });
      if (!isBegun && read < 0) edges.push({ low: 0x2d, high: 0x2d, target: numberOf({ remainder, read, isBegun }) });
      return { isAccepting, edges: edges.toSorted((a, b) => a.low - b.low) };
    },
  );
  return minimize(automaton);
}

function decimalOf(value: number): Decimal {
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = Number(exponent);
  const all = whole + fraction;
  const point = whole.length + shift;
  const padded = point <= 0 ? `${"0".repeat(1 - point)}${all}` : all.padEnd(point, "0");
  const place = Math.max(point, 1);
  return {
    whole: padded.slice(0, place).replace(/^0+(?=\d)/, ""),
    fraction: padded.slice(place).replace(/0+$/, ""),
  };
}
