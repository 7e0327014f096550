import type { ModuleGraph } from "./module-graph.ts";

/** The rooms of the house, each with the rooms that it may import from; besides, each may import from itself. */
export type Rooms = Readonly<Record<string, readonly string[]>>;

/** The longest path that is a room holds the module: `src/cli.ts` is one of its own, `src/chat/loop.ts` is in `src/chat`. */
function roomOf(path: string, rooms: Rooms): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .toSorted((one, other) => other.length - one.length)[0];
}

/** The imports that go another way than the rooms allow, and the modules in no room. */
export function forbiddenImports({ lines, imports }: ModuleGraph, rooms: Rooms): string[] {
  const homeless = [...lines.keys()].filter((path) => roomOf(path, rooms) === undefined);
  const forbidden = imports.filter(({ from, to }) => {
    const [here, there] = [roomOf(from, rooms), roomOf(to, rooms)];
    if (here === undefined || here === there || !lines.has(to)) return false;
    return there === undefined || rooms[here]?.includes(there) !== true;
  });
  return [...homeless.map((path) => `${path} is in no room`), ...forbidden.map(({ from, to }) => `${from} → ${to}`)];
}

/** Each way by which a module imports itself in the end, as `a → b → a`. */
export function importCycles({ lines, imports }: ModuleGraph): string[] {
  const next = groupTargets(imports);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (module: string, path: readonly string[]): void => {
    const start = path.indexOf(module);
    if (start >= 0) cycles.push([...path.slice(start), module].join(" → "));
    if (start >= 0 || done.has(module)) return;
    for (const target of next.get(module) ?? []) visit(target, [...path, module]);
    done.add(module);
  };
  for (const module of lines.keys()) visit(module, []);
  return cycles;
}

function groupTargets(imports: ModuleGraph["imports"]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  return targets;
}

/** Names that say nothing of what is inside. */
const DRAWERS = /(^|\/)(utils?|helpers?|common|misc|lib)(\/|\.ts$)/;

export function drawers({ lines }: ModuleGraph): string[] {
  return [...lines.keys()].filter((path) => DRAWERS.test(path));
}
