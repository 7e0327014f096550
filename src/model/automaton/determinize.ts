import {
  type Automaton,
  AutomatonLimit,
  type Edge,
  exploreStates,
  MAX_PATTERN_STATES,
  minimize,
  type Range,
} from "./automaton.ts";

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
