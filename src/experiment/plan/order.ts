/** What the planner looks at. */
export interface Ordered {
  readonly rendered: string;
}

/** Cells with one and the same prompt: asked one after the other on one slot, all but the first come from its cache. */
export interface PromptGroup<Item extends Ordered> {
  readonly rendered: string;
  readonly cells: readonly Item[];
}

/** Prompts that begin alike, in sorted order: neighbours share as much as they can. */
export type Family<Item extends Ordered> = readonly PromptGroup<Item>[];

/**
 * Orders cells for the server's prompt cache.
 * @param familyOf cells of one family share a beginning: the variant with its effort
 */
export function orderCells<Item extends Ordered>(
  cells: readonly Item[],
  familyOf: (cell: Item) => string,
): readonly Family<Item>[] {
  return [...groupBy(cells, familyOf).values()].map((family) =>
    [...groupBy(family, ({ rendered }) => rendered)]
      .map(([rendered, group]) => ({ rendered, cells: group }))
      .toSorted((a, b) => (a.rendered < b.rendered ? -1 : 1)),
  );
}

/** How many characters two texts begin with alike, surrogate pairs whole. */
export function sharedLength(first: string, second: string): number {
  const shorter = Math.min(first.length, second.length);
  let length = 0;
  while (length < shorter && first[length] === second[length]) length++;
  const last = first.charCodeAt(length - 1);
  return last >= 0xd8_00 && last < 0xdc_00 ? length - 1 : length;
}

/** Less than this many characters are not worth a request that has the server keep them. */
const WORTH_KEEPING = 200;
const MESSAGE = "<|message|>";

/**
 * The beginnings of a prompt that the server has to be told to keep, the shortest first: those that later prompts share, as far
 * as they reach into a message. At the start of a user's message llama-server keeps the state by itself; within one it can only
 * go back as far as gpt-oss's sliding window lasts, so that after a long answer everything from the message's start on would
 * be read again.
 * @param before what the slot has read last
 * @param later the prompts that follow, in sorted order
 */
export function beginningsToKeep(before: string, prompt: string, later: readonly Ordered[]): readonly string[] {
  const known = sharedLength(before, prompt);
  const lengths: number[] = [];
  let shared = prompt.length;
  let longest = Number.POSITIVE_INFINITY;
  for (const { rendered } of later) {
    shared = Math.min(shared, sharedLength(prompt, rendered));
    // what the prompt before shared with this one has been kept then
    if (shared < known + WORTH_KEEPING) break;
    const messageStart = prompt.lastIndexOf(MESSAGE, shared) + MESSAGE.length;
    if (shared < messageStart + WORTH_KEEPING || shared > longest - WORTH_KEEPING) continue;
    longest = shared;
    lengths.unshift(shared);
  }
  return lengths.map((length) => prompt.slice(0, length));
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
