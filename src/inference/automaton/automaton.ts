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

/** The code points without an edge. */
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

/** A regular expression, read. */
export type Expression =
  | { readonly kind: "characters"; readonly ranges: readonly Range[] }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly parts: readonly Expression[] }
  /** `most` undefined for any number. */
  | { readonly kind: "repeat"; readonly part: Expression; readonly least: number; readonly most: number | undefined }
  /** `^` and `$`. */
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** Counted repetitions are written out, so that this bounds them too. */
const MAX_NODES = 6_000;
/** Nodes of all states together: patterns are written by strangers, and some take very long. */
const MAX_WORK = 150_000;

interface Node {
  /** Where this leads without a character; an anchor only at its place. */
  readonly silent: { readonly target: number; readonly anchor?: "start" | "end" }[];
  readonly edges: Edge[];
}

/** The automaton of all texts that match as a whole. */
export function automatonOf(expression: Expression): Automaton {
  const nodes: Node[] = [];
  const add = () => {
    if (nodes.length >= MAX_NODES) throw new AutomatonLimit("the pattern is too large");
    return nodes.push({ silent: [], edges: [] }) - 1;
  };
  const first = add();
  const last = build(expression, first, nodes, add);
  const automaton = determinize(nodes, first, last);
  if (automaton.length > MAX_PATTERN_STATES) throw new AutomatonLimit("the pattern is too large");
  return minimize(automaton);
}

/** Adds an expression behind a node; gives the node at its end. */
function build(expression: Expression, from: number, nodes: Node[], add: () => number): number {
  const connect = (source: number, target: number, anchor?: "start" | "end") =>
    nodes[source]?.silent.push({ target, ...(anchor && { anchor }) });
  switch (expression.kind) {
    case "characters": {
      const to = add();
      nodes[from]?.edges.push(...expression.ranges.map(([low, high]) => ({ low, high, target: to })));
      return to;
    }
    case "start":
    case "end": {
      const to = add();
      connect(from, to, expression.kind);
      return to;
    }
    case "sequence":
      return expression.parts.reduce((at, part) => build(part, at, nodes, add), from);
    case "choice": {
      const to = add();
      for (const part of expression.parts) {
        const begin = add();
        connect(from, begin);
        connect(build(part, begin, nodes, add), to);
      }
      return to;
    }
    case "repeat":
    default: {
      const { part, least, most } = expression;
      let at = from;
      for (let count = 0; count < least; count++) at = build(part, at, nodes, add);
      const to = add();
      if (most === undefined) {
        const loop = add();
        connect(at, loop);
        connect(loop, to);
        connect(build(part, loop, nodes, add), loop);
        return to;
      }
      for (let count = least; count < most; count++) {
        connect(at, to);
        at = build(part, at, nodes, add);
      }
      connect(at, to);
      return to;
    }
  }
}

interface Subset {
  readonly nodes: readonly number[];
  readonly isFirst: boolean;
}

function determinize(nodes: readonly Node[], first: number, last: number): Automaton {
  const closure = (start: Iterable<number>, anchors: ReadonlySet<string>): ReadonlySet<number> => {
    const reached = new Set(start);
    for (const number of reached) {
      for (const { target, anchor } of nodes[number]?.silent ?? []) {
        if (anchor === undefined || anchors.has(anchor)) reached.add(target);
      }
    }
    return reached;
  };
  const nowhere = new Set<string>();
  let work = 0;
  return exploreStates<Subset>(
    { nodes: sorted(closure([first], new Set(["start"]))), isFirst: true },
    ({ nodes: members, isFirst }) => `${isFirst ? "first" : ""}${members.join()}`,
    ({ nodes: members, isFirst }, numberOf) => {
      work += members.length;
      if (work > MAX_WORK) throw new AutomatonLimit("the pattern takes too long");
      const atEnd = closure(members, new Set(isFirst ? ["start", "end"] : ["end"]));
      const edges = members.flatMap((number) => nodes[number]?.edges ?? []);
      const split = splitRanges(edges).map(({ low, high, targets }) => ({
        low,
        high,
        target: numberOf({ nodes: sorted(closure(targets, nowhere)), isFirst: false }),
      }));
      return { isAccepting: atEnd.has(last), edges: split };
    },
  );
}

function sorted(set: ReadonlySet<number>): readonly number[] {
  return [...set].toSorted((a, b) => a - b);
}

/** Overlapping edges cut where one of them begins or ends. */
function splitRanges(edges: readonly Edge[]): { low: number; high: number; targets: number[] }[] {
  const cuts = [...new Set(edges.flatMap(({ low, high }) => [low, high + 1]))].toSorted((a, b) => a - b);
  return cuts.slice(0, -1).flatMap((low, index) => {
    const high = (cuts[index + 1] ?? low) - 1;
    const targets = edges.filter((edge) => edge.low <= low && high <= edge.high).map(({ target }) => target);
    return targets.length === 0 ? [] : [{ low, high, targets }];
  });
}
