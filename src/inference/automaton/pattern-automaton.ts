import {
  ALL_CODE_POINTS,
  type Automaton,
  AutomatonLimit,
  complement,
  intersect,
  automatonOf,
  type Expression,
  type Range,
} from "./automaton.ts";

const ANYTHING: Expression = {
  kind: "repeat",
  part: { kind: "characters", ranges: ALL_CODE_POINTS },
  least: 0,
  most: undefined,
};

/** Schemas repeat their patterns, and every request reads them again. */
const automata = new Map<string, Automaton | undefined>();
const MAX_KNOWN = 500;

/** All texts in which a pattern (valid with the flag `u`) matches somewhere; undefined for a pattern that no automaton can say. */
export function patternAutomaton(source: string): Automaton | undefined {
  if (automata.has(source)) return automata.get(source);
  const automaton = unlessUnsupported(() => searchAutomaton(source));
  if (automata.size >= MAX_KNOWN) automata.clear();
  automata.set(source, automaton);
  return automaton;
}

/** What a construction gives, or undefined when an automaton can't say it, or only a huge one. */
export function unlessUnsupported<Result>(construct: () => Result): Result | undefined {
  try {
    return construct();
  } catch (error) {
    if (error instanceof UnsupportedPattern || error instanceof AutomatonLimit) return undefined;
    throw error;
  }
}

function searchAutomaton(source: string): Automaton {
  const { expression, lookaheads } = parsePattern(source);
  const body = automatonOf({ kind: "sequence", parts: [ANYTHING, expression, ANYTHING] });
  return lookaheads.reduce((whole, { isNegative, expression: ahead }) => {
    const followed = automatonOf({ kind: "sequence", parts: [{ kind: "start" }, ahead, ANYTHING] });
    return intersect(whole, isNegative ? complement(followed) : followed);
  }, body);
}

/** One of several texts. */
export function wordsAutomaton(words: readonly string[]): Automaton {
  return automatonOf({ kind: "choice", parts: words.map(textExpression) });
}

/** Every text that contains none of these. */
export function avoidingAutomaton(words: readonly string[]): Automaton {
  const contains: Expression = { kind: "choice", parts: words.map(textExpression) };
  return complement(automatonOf({ kind: "sequence", parts: [ANYTHING, contains, ANYTHING] }));
}

function textExpression(text: string): Expression {
  const parts = Array.from(text, (character): Expression => {
    const code = character.codePointAt(0) ?? 0;
    return { kind: "characters", ranges: [[code, code]] };
  });
  return { kind: "sequence", parts };
}

/** Thrown for a pattern with something that no automaton can say: back references, word boundaries, looking around in the middle. */
export class UnsupportedPattern extends Error {}

/** A pattern, with what it says in front of everything else: `^(?=…)(?!…)`. */
export interface ParsedPattern {
  readonly expression: Expression;
  /** What has to follow, or must not follow, right at the start. */
  readonly lookaheads: readonly { readonly isNegative: boolean; readonly expression: Expression }[];
}

const HIGHEST = 0x10_ffff;
const LINE_ENDS: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const DIGITS: readonly Range[] = [[0x30, 0x39]];
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACES: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORD,
  W: without(WORD),
  s: SPACES,
  S: without(SPACES),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Reads a regular expression that is valid with the flag `u`. */
export function parsePattern(source: string): ParsedPattern {
  return new PatternParser(source).whole();
}

class PatternParser {
  #at = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): ParsedPattern {
    const lookaheads = [];
    const anchored = /^\^(?=\(\?[=!])/.exec(this.#source);
    // a second alternative would not be bound by what the first looks for
    if (anchored && !hasTopLevelAlternatives(this.#source)) {
      this.#at = 1;
      for (let sign = this.#take(/\(\?[=!]/y); sign !== undefined; sign = this.#take(/\(\?[=!]/y)) {
        lookaheads.push({ isNegative: sign.endsWith("!"), expression: this.#choice() });
        this.#expect(")");
      }
    }
    const body = this.#choice();
    if (this.#at < this.#source.length) throw new UnsupportedPattern(this.#source.slice(this.#at));
    const expression: Expression =
      lookaheads.length > 0 ? { kind: "sequence", parts: [{ kind: "start" }, body] } : body;
    return { expression, lookaheads };
  }

  #choice(): Expression {
    const parts = [this.#sequence()];
    while (this.#take(/\|/y) !== undefined) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Expression) : { kind: "choice", parts };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at] ?? "")) parts.push(this.#quantified());
    return parts.length === 1 ? (parts[0] as Expression) : { kind: "sequence", parts };
  }

  #quantified(): Expression {
    const part = this.#atom();
    const sign = this.#take(/[*+?]|\{\d+(?:,\d*)?\}/y);
    if (sign === undefined) return part;
    this.#take(/\?/y); // what is taken first makes no difference to what matches as a whole
    if (sign === "*") return { kind: "repeat", part, least: 0, most: undefined };
    if (sign === "+") return { kind: "repeat", part, least: 1, most: undefined };
    if (sign === "?") return { kind: "repeat", part, least: 0, most: 1 };
    const [least = "", most] = sign.slice(1, -1).split(",");
    const upTo = most === undefined ? Number(least) : most === "" ? undefined : Number(most);
    return { kind: "repeat", part, least: Number(least), most: upTo };
  }

  #atom(): Expression {
    if (this.#take(/\^/y) !== undefined) return { kind: "start" };
    if (this.#take(/\$/y) !== undefined) return { kind: "end" };
    if (this.#take(/\./y) !== undefined) return characters(without(LINE_ENDS));
    if (this.#take(/\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/y) !== undefined) {
      const inner = this.#choice();
      this.#expect(")");
      return inner;
    }
    if (this.#source[this.#at] === "(") throw new UnsupportedPattern(this.#source.slice(this.#at));
    if (this.#take(/\[/y) !== undefined) return characters(this.#characterClass());
    return characters(this.#member());
  }

  #characterClass(): readonly Range[] {
    const isNegative = this.#take(/\^/y) !== undefined;
    const ranges: Range[] = [];
    while (this.#take(/\]/y) === undefined) {
      if (this.#at >= this.#source.length) throw new UnsupportedPattern("an open class");
      const from = this.#member();
      const [first] = from;
      if (from.length === 1 && first !== undefined && first[0] === first[1] && this.#take(/-(?!\])/y) !== undefined) {
        const [to] = this.#member();
        ranges.push([first[0], to?.[1] ?? first[0]]);
      } else {
        ranges.push(...from);
      }
    }
    return isNegative ? without(ranges) : ranges;
  }

  /** One character, or what an escape stands for. */
  #member(): readonly Range[] {
    if (this.#take(/\\/y) !== undefined) return this.#escape();
    return single(this.#nextCodePoint());
  }

  #escape(): readonly Range[] {
    const name = this.#take(/[dDwWsS]/y);
    if (name !== undefined) return CLASSES[name] ?? [];
    const control = this.#take(/[tnvfr]|0(?!\d)/y);
    if (control !== undefined) return single(CONTROLS[control] ?? 0);
    const pair = this.#take(/u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}/y);
    if (pair !== undefined) {
      const [high, low] = [Number.parseInt(pair.slice(1, 5), 16), Number.parseInt(pair.slice(7), 16)];
      return single(String.fromCharCode(high, low).codePointAt(0) ?? 0);
    }
    const hex = this.#take(/x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}/y);
    if (hex !== undefined) return single(Number.parseInt(hex.replaceAll(/[xu{}]/g, ""), 16));
    const letter = this.#take(/c[a-zA-Z]/y);
    if (letter !== undefined) return single(letter.charCodeAt(1) % 32);
    const property = this.#take(/[pP]\{[^}]+\}/y);
    if (property !== undefined) return propertyRanges(property);
    if (/[a-zA-Z\d]/.test(this.#source[this.#at] ?? "")) throw new UnsupportedPattern(this.#source.slice(this.#at - 1));
    return single(this.#nextCodePoint());
  }

  #nextCodePoint(): number {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw new UnsupportedPattern("the end");
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #expect(sign: string): void {
    if (this.#source[this.#at] !== sign) throw new UnsupportedPattern(this.#source.slice(this.#at));
    this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }
}

function hasTopLevelAlternatives(source: string): boolean {
  const bare = source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, "_");
  let depth = 0;
  for (const character of bare) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "|" && depth === 0) return true;
  }
  return false;
}

function single(code: number): readonly Range[] {
  return [[code, code]];
}

/** Without lone surrogates, which no well-formed text has. */
function characters(ranges: readonly Range[]): Expression {
  return {
    kind: "characters",
    ranges: ALL_CODE_POINTS.flatMap(([low, high]) =>
      ranges
        .filter((range) => range[0] <= high && low <= range[1])
        .map((range): Range => [Math.max(range[0], low), Math.min(range[1], high)]),
    ),
  };
}

function without(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let from = 0;
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (low > from) rest.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= HIGHEST) rest.push([from, HIGHEST]);
  return rest;
}

/** A property such as `L` has hundreds of ranges; one with more than this would fill the grammar. */
const MAX_PROPERTY_RANGES = 800;
const properties = new Map<string, readonly Range[]>();

/** Asks the engine of every code point, once for each property. */
function propertyRanges(property: string): readonly Range[] {
  const known = properties.get(property);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^\\${property}$`, "u");
  const ranges: Range[] = [];
  let begin: number | undefined;
  for (let code = 0; code <= HIGHEST + 1; code++) {
    const isMember = code <= HIGHEST && pattern.test(String.fromCodePoint(code));
    if (isMember) begin ??= code;
    else if (begin !== undefined) {
      ranges.push([begin, code - 1]);
      begin = undefined;
    }
  }
  if (ranges.length > MAX_PROPERTY_RANGES) throw new UnsupportedPattern(property);
  properties.set(property, ranges);
  return ranges;
}
