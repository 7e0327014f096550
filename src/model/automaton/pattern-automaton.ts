import { ALL_CODE_POINTS, type Automaton, AutomatonLimit, complement, intersect } from "./automaton.ts";
import { automatonOf, type Expression } from "./determinize.ts";
import { parsePattern, UnsupportedPattern } from "./parse-pattern.ts";

const ANYTHING: Expression = {
  kind: "repeat",
  part: { kind: "characters", ranges: ALL_CODE_POINTS },
  least: 0,
  most: undefined,
};

/** Schemas repeat their patterns, and every request reads them again. */
const known = new Map<string, Automaton | undefined>();
const MAX_KNOWN = 500;

/** All texts in which a pattern (valid with the flag `u`) matches somewhere; undefined for a pattern that no automaton can say. */
export function patternAutomaton(source: string): Automaton | undefined {
  if (known.has(source)) return known.get(source);
  const automaton = unlessUnsupported(() => searchAutomaton(source));
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(source, automaton);
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
