import { ALL_CODE_POINTS, type Automaton, type Edge, type Range } from "../automaton/automaton.ts";
import { characterClass, choice, EMPTY, type Expression, literal, type Rules, sequence } from "./rules.ts";

/** How an automaton's characters are written, and what stands behind its last. */
export interface CharacterWriter {
  readonly writeRanges: (ranges: readonly Range[], rules: Rules) => Expression;
  readonly end: Expression;
}

/** Text as it is. */
export const PLAIN: CharacterWriter = { writeRanges: (ranges) => characterClass(classOf(ranges)), end: EMPTY };

/** The inside of a JSON string, and its closing quotation mark. */
export const IN_STRING: CharacterWriter = { writeRanges: jsonCharacters, end: literal('"') };

/** Writes an automaton state by state, each as a rule; gives the expression of its start. */
export function automatonRule(automaton: Automaton, wish: string, rules: Rules, writer: CharacterWriter): Expression {
  const [start] = automatonRules(automaton, wish, rules, writer);
  return start === undefined ? choice([]) : { kind: "rule", name: start };
}

/** The names of the rules of all states. */
export function automatonRules(
  automaton: Automaton,
  wish: string,
  rules: Rules,
  writer: CharacterWriter,
): readonly string[] {
  const names = automaton.map(() => rules.reserve(wish));
  automaton.forEach(({ isAccepting, edges }, number) => {
    const steps = [...rangesByTarget(edges)].map(([target, ranges]) =>
      sequence(writer.writeRanges(ranges, rules), { kind: "rule", name: names[target] ?? "" }),
    );
    rules.define(names[number] ?? "", choice([...steps, ...(isAccepting ? [writer.end] : [])]));
  });
  return names;
}

function rangesByTarget(edges: readonly Edge[]): ReadonlyMap<number, readonly Range[]> {
  const byTarget = new Map<number, Range[]>();
  for (const { low, high, target } of edges) byTarget.set(target, [...(byTarget.get(target) ?? []), [low, high]]);
  return byTarget;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CONTROLS: Range = [0x00, 0x1f];
const SHORT_ESCAPES: readonly (readonly [code: number, letter: string])[] = [
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0c, "f"],
  [0x0d, "r"],
];
const HEX = "[0-9a-fA-F]";

/**
 * Characters as JSON writes them. Printable ASCII has one spelling, so that no control token hides behind escapes; anything beyond
 * ASCII can be escaped too, in pairs where it has to be.
 */
export function jsonCharacters(ranges: readonly Range[], rules: Rules): Expression {
  const known = written.get(rules) ?? new Map<string, Expression>();
  written.set(rules, known);
  const key = ranges.join(";");
  const expression = known.get(key) ?? writeJsonCharacters(ranges, rules);
  known.set(key, expression);
  return expression;
}

/** The states of an automaton have the same few classes. */
const written = new WeakMap<Rules, Map<string, Expression>>();

function writeJsonCharacters(ranges: readonly Range[], rules: Rules): Expression {
  const raw = withoutRanges(ranges, [CONTROLS, [QUOTE, QUOTE], [BACKSLASH, BACKSLASH]]);
  const parts: Expression[] = raw.length === 0 ? [] : [characterClass(positiveClass(raw))];
  if (ANY_ESCAPED.every((range) => includes(ranges, range))) return choice([...parts, escapedRule(rules)]);
  if (includes(ranges, [QUOTE, QUOTE])) parts.push(literal(String.raw`\"`));
  if (includes(ranges, [BACKSLASH, BACKSLASH])) parts.push(literal(String.raw`\\`));
  parts.push(...controlsOf(ranges));
  return choice(parts);
}

/** What every class of ordinary characters has in common. */
function escapedRule(rules: Rules): Expression {
  const short = sequence(literal("\\"), characterClass(String.raw`["\\/bfnrt]`));
  return rules.shared("escaped", () => rules.add("escaped", choice([short, anyControl(), anyUnicode()])));
}

function anyControl(): Expression {
  return sequence(literal(String.raw`\u00`), characterClass("[01]"), characterClass(HEX));
}

function controlsOf(ranges: readonly Range[]): Expression[] {
  if (!ranges.some(([low]) => low <= CONTROLS[1])) return [];
  const codes = Array.from({ length: CONTROLS[1] + 1 }, (_, code) => code);
  return codes
    .filter((code) => includes(ranges, [code, code]))
    .map((code) => {
      const short = SHORT_ESCAPES.find(([known]) => known === code)?.[1];
      return literal(short === undefined ? `\\u${code.toString(16).padStart(4, "0")}` : `\\${short}`);
    });
}

/** Escapes beyond ASCII; surrogates only in pairs. */
function anyUnicode(): Expression {
  const any = characterClass(HEX);
  return sequence(
    literal(String.raw`\u`),
    choice([
      sequence(literal("00"), characterClass("[89a-fA-F]"), any),
      sequence(literal("0"), characterClass("[1-9a-fA-F]"), any, any),
      sequence(characterClass("[1-9a-cA-CeEfF]"), any, any, any),
      sequence(characterClass("[dD]"), characterClass("[0-7]"), any, any),
      sequence(
        characterClass("[dD]"),
        characterClass("[89abAB]"),
        any,
        any,
        literal(String.raw`\u`),
        characterClass("[dD]"),
        characterClass("[c-fC-F]"),
        any,
        any,
      ),
    ]),
  );
}

/** Part of every class that holds all beyond ASCII, which is shorter to say by what is missing. */
const BEYOND_ASCII: readonly Range[] = ALL_CODE_POINTS.map(([low, high]) => [Math.max(low, 0x80), high]);
const SLASH = 0x2f;
const ANY_ESCAPED: readonly Range[] = [
  CONTROLS,
  [QUOTE, QUOTE],
  [SLASH, SLASH],
  [BACKSLASH, BACKSLASH],
  ...BEYOND_ASCII,
];

/**
 * A character class in GBNF, by what is in it. llama-server decodes bytes that are not UTF-8 to surrogates and to numbers that no
 * character has; one that says only what is missing would take them, and the text would hold other characters than were counted.
 */
function positiveClass(ranges: readonly Range[]): string {
  return `[${ranges.map(rangeText).join("")}]`;
}

/** A character class in GBNF, by what is missing where that is shorter. */
export function classOf(ranges: readonly Range[]): string {
  if (BEYOND_ASCII.every((range) => includes(ranges, range))) {
    const missing = withoutRanges([[0, 0x7f]], ranges);
    return missing.length === 0 ? "." : `[^${missing.map(rangeText).join("")}]`;
  }
  return positiveClass(ranges);
}

function rangeText([low, high]: Range): string {
  if (low === high) return codeText(low);
  return high === low + 1 ? codeText(low) + codeText(high) : `${codeText(low)}-${codeText(high)}`;
}

function codeText(code: number): string {
  const character = String.fromCodePoint(code);
  if (/[A-Za-z0-9_ ,.:;=<>|/{}()@#%&+!?*'~$]/.test(character)) return character;
  const hex = code.toString(16).toUpperCase();
  if (code < 0x100) return String.raw`\x${hex.padStart(2, "0")}`;
  return code < 0x1_0000 ? String.raw`\u${hex.padStart(4, "0")}` : String.raw`\U${hex.padStart(8, "0")}`;
}

function includes(ranges: readonly Range[], [low, high]: Range): boolean {
  let from = low;
  for (const range of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (range[0] > from) break;
    from = Math.max(from, range[1] + 1);
  }
  return from > high;
}

function withoutRanges(ranges: readonly Range[], removed: readonly Range[]): Range[] {
  return removed.reduce<Range[]>(
    (rest, [low, high]) =>
      rest.flatMap((range): Range[] => {
        const before: Range = [range[0], Math.min(range[1], low - 1)];
        const after: Range = [Math.max(range[0], high + 1), range[1]];
        if (high < range[0] || low > range[1]) return [range];
        return [before, after].filter(([from, to]) => from <= to);
      }),
    [...ranges],
  );
}
