/** What the planner looks at. */
export interface Ordered {
  readonly rendered: string;
}

/** Cells with one and the same prompt: asked one after the other on one slot, all but the first come from its cache. */
export interface PromptGroup<Item extends Ordered> {
  readonly rendered: string;
  readonly cells: readonly Item[];
}

/** Prompts that begin alike. */
export interface PrefixGroup<Item extends Ordered> {
  /** What all its prompts begin with, up to the end of a message; it is evaluated once for each slot that works on the group. */
  readonly prefix: string;
  readonly prompts: readonly PromptGroup<Item>[];
}

/** llama-server keeps no state of beginnings as short as gpt-oss's own system message, so there is nothing to gain from them. */
const SHORTEST_PREFIX = 300;
const END_OF_MESSAGE = "<|end|>";

/**
 * Orders cells for the server's prompt cache.
 * @param familyOf cells of one family share a beginning: the variant with its effort
 */
export function orderCells<Item extends Ordered>(
  cells: readonly Item[],
  familyOf: (cell: Item) => string,
): readonly PrefixGroup<Item>[] {
  return [...groupBy(cells, familyOf).values()].map((family) => {
    // in sorted order neighbours share as much as they can, so that cases over one document stand together
    const prompts = [...groupBy(family, ({ rendered }) => rendered)]
      .map(([rendered, group]) => ({ rendered, cells: group }))
      .toSorted((a, b) => (a.rendered < b.rendered ? -1 : 1));
    return { prefix: commonPrefix(prompts[0]?.rendered ?? "", prompts.at(-1)?.rendered ?? ""), prompts };
  });
}

/** Of sorted texts the first and the last share what all of them share. */
function commonPrefix(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  const end = first.slice(0, length).lastIndexOf(END_OF_MESSAGE);
  return end < SHORTEST_PREFIX ? "" : first.slice(0, end + END_OF_MESSAGE.length);
}

export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
