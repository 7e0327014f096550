/*
 * Deterministic finite automata over Unicode code points. Patterns, formats, lengths and bounds of numbers all become one of these, so
 * that several of them at once are an intersection, and a grammar can be written from the result state by state.
 */

/** Code points from `low` to `high`, both included. */
export type Range = readonly [low: number, high: number];

/** From one state to `target` by any code point of the range. */
export interface Edge {
  readonly low: number;
  readonly high: number;
  readonly target: number;
}

export interface State {
  readonly isAccepting: boolean;
  /** Sorted and without overlaps; what has no edge is refused. */
  readonly edges: readonly Edge[];
}

/** The first state is the start. An automaton without states accepts nothing. */
export type Automaton = readonly State[];

/** Strings are well-formed Unicode: no lone surrogates. */
export const ALL_CODE_POINTS: readonly Range[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Beyond this a grammar would be too large to be useful. */
const MAX_STATES = 1_500;
/** Of one pattern or length: what is made of several has room for them. */
export const MAX_PATTERN_STATES = 600;

/** Thrown for a language that can't be written as an automaton of a reasonable size. */
export class AutomatonLimit extends Error {}

/** Numbers states by a key in the order in which they are found, and explores each once. */
export function exploreStates<Item>(
  start: Item,
  keyOf: (item: Item) => string,
  visit: (item: Item, numberOf: (next: Item) => number) => State,
): Automaton {
  const numbers = new Map([[keyOf(start), 0]]);
  const queue = [start];
  const states: State[] = [];
  const numberOf = (item: Item): number => {
    const key = keyOf(item);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (queue.length >= MAX_STATES) throw new AutomatonLimit(`more than ${MAX_STATES} states`);
    numbers.set(key, queue.length);
    queue.push(item);
    return queue.length - 1;
  };
  for (let at = 0; at < queue.length; at++) states.push(visit(queue[at] as Item, numberOf));
  return states;
}

/** What both accept. */
export function intersect(one: Automaton, other: Automaton): Automaton {
  return minimize(productOf(one, other));
}

/** The same, not yet made small, for what is part of a larger intersection. */
export function productOf(one: Automaton, other: Automaton): Automaton {
  if (one.length === 0 || other.length === 0) return [];
  return exploreStates<readonly [number, number]>(
    [0, 0],
    (pair) => pair.join(),
    ([left, right], numberOf) => {
      const [a, b] = [stateOf(one, left), stateOf(other, right)];
      const edges: Edge[] = [];
      for (let i = 0, j = 0; i < a.edges.length && j < b.edges.length;) {
        const [x, y] = [a.edges[i] as Edge, b.edges[j] as Edge];
        const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
        if (low <= high) edges.push({ low, high, target: numberOf([x.target, y.target]) });
        if (x.high <= y.high) i++;
        if (y.high <= x.high) j++;
      }
      return { isAccepting: a.isAccepting && b.isAccepting, edges };
    },
  );
}

/** What `automaton` does not accept. */
export function complement(automaton: Automaton): Automaton {
  const sink = automaton.length;
  const everything: Edge[] = ALL_CODE_POINTS.map(([low, high]) => ({ low, high, target: sink }));
  const states = automaton.map(({ isAccepting, edges }) => ({
    isAccepting: !isAccepting,
    edges: sortEdges([...edges, ...gapsOf(edges).map(([low, high]) => ({ low, high, target: sink }))]),
  }));
  return minimize([...states, { isAccepting: true, edges: everything }]);
}

export function isEmpty(automaton: Automaton): boolean {
  return !automaton.some(({ isAccepting }) => isAccepting);
}

export function automatonAccepts(automaton: Automaton, text: string): boolean {
  if (automaton.length === 0) return false;
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const edge = stateOf(automaton, at).edges.find(({ low, high }) => low <= code && code <= high);
    if (edge === undefined) return false;
    at = edge.target;
  }
  return stateOf(automaton, at).isAccepting;
}

/** Strings of `least` to `most` code points; `most` undefined for any number. */
export function lengthsBetween(least: number, most: number | undefined): Automaton {
  const last = most ?? least;
  if (last >= MAX_PATTERN_STATES) throw new AutomatonLimit(`lengths up to ${last}`);
  return Array.from({ length: last + 1 }, (_, count) => {
    const target = count < last ? count + 1 : most === undefined ? count : undefined;
    const edges = target === undefined ? [] : ALL_CODE_POINTS.map(([low, high]) => ({ low, high, target }));
    return { isAccepting: count >= least, edges };
  });
}

/** The same language in as few states as possible, none of which is a dead end. */
export function minimize(automaton: Automaton): Automaton {
  const alive = livingStates(automaton);
  if (!alive.has(0)) return [];
  const living = automaton.map(({ edges }) => edges.filter(({ target }) => alive.has(target)));
  // states that are as far from an end begin in one class, which settles long chains at once
  let classes: readonly number[] = automaton.map((_, number) => alive.get(number) ?? -1);
  for (let count = 0; ;) {
    const names = new Map<string, number>();
    const next = living.map((edges, number) => {
      const key = keyOfState(classes[number] ?? 0, edges, classes);
      const known = names.get(key) ?? names.size;
      names.set(key, known);
      return known;
    });
    classes = next;
    if (names.size === count) break;
    count = names.size;
  }
  return exploreStates<number>(
    0,
    (number) => String(classes[number]),
    (number, numberOf) => {
      const edges = (living[number] ?? []).map(({ low, high, target }) => ({ low, high, target: numberOf(target) }));
      return { isAccepting: stateOf(automaton, number).isAccepting, edges: joinNeighbors(edges) };
    },
  );
}

export function stateOf(automaton: Automaton, number: number): State {
  return automaton[number] ?? { isAccepting: false, edges: [] };
}

/** States from which an end can be reached, with the fewest steps to it. */
function livingStates(automaton: Automaton): ReadonlyMap<number, number> {
  const sources = automaton.map((): number[] => []);
  automaton.forEach(({ edges }, number) => {
    for (const { target } of edges) sources[target]?.push(number);
  });
  const ends = automaton.flatMap(({ isAccepting }, number): [number, number][] => (isAccepting ? [[number, 0]] : []));
  const steps = new Map(ends);
  for (const [number, count] of steps) {
    for (const source of sources[number] ?? []) if (!steps.has(source)) steps.set(source, count + 1);
  }
  return steps;
}

/** What tells a state from others so far: ranges that touch and lead to the same class count as one. */
function keyOfState(own: number, edges: readonly Edge[], classes: readonly number[]): string {
  let key = String(own);
  let last = -1;
  let end = -2;
  for (const { low, high, target } of edges) {
    const reached = classes[target] ?? 0;
    if (reached !== last || low !== end + 1) key += `-${end},${low}>${reached}`;
    last = reached;
    end = high;
  }
  return `${key}-${end}`;
}

/** Ranges that touch and lead to the same state, as one. */
function joinNeighbors(edges: readonly Edge[]): Edge[] {
  const joined: Edge[] = [];
  for (const edge of sortEdges(edges)) {
    const last = joined.at(-1);
    const touches = last !== undefined && last.target === edge.target && last.high + 1 === edge.low;
    if (touches) joined[joined.length - 1] = { ...last, high: edge.high };
    else joined.push(edge);
  }
  return joined;
}

function sortEdges(edges: readonly Edge[]): Edge[] {
  return edges.toSorted((a, b) => a.low - b.low);
}

/** The code points for which there is no edge. */
function gapsOf(edges: readonly Edge[]): Range[] {
  return ALL_CODE_POINTS.flatMap(([low, high]) => {
    const gaps: Range[] = [];
    let from = low;
    for (const edge of edges) {
      if (edge.high < low || edge.low > high) continue;
      if (edge.low > from) gaps.push([from, edge.low - 1]);
      from = Math.max(from, edge.high + 1);
    }
    if (from <= high) gaps.push([from, high]);
    return gaps;
  });
}
