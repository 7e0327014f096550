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

/** What a slot does next. */
export interface Assignment<Item extends Ordered> {
  /** To be read before, each by a request of its own. */
  readonly beginnings: readonly string[];
  readonly prompt: PromptGroup<Item>;
}

interface Queue<Item extends Ordered> {
  readonly prompts: PromptGroup<Item>[];
  /** Its first prompt has been answered, so that the server has a copy of the beginning for other slots. */
  read: boolean;
}

/** Fewer prompts than this are not worth evaluating their beginning on a second slot. */
const WORTH_SHARING = 4;

/**
 * Hands out work to the server's slots. A slot stays with a family of prompts, whose beginning its cache holds; when no family
 * is left, it takes half of what another slot still has before it.
 */
export class CellQueues<Item extends Ordered> {
  readonly #waiting: Queue<Item>[];
  /** What each slot works on. */
  readonly #own = new Map<number, Queue<Item>>();
  /** What each slot has read last. */
  readonly #last = new Map<number, string>();

  constructor(families: readonly Family<Item>[]) {
    this.#waiting = families.map((prompts) => ({ prompts: [...prompts], read: false }));
  }

  /** The next prompt for this slot; undefined when none is left. */
  next(slot: number): Assignment<Item> | undefined {
    const own = this.#own.get(slot);
    if (own) own.read = true;
    const queue = own && own.prompts.length > 0 ? own : (this.#waiting.shift() ?? this.#share());
    const prompt = queue?.prompts.shift();
    if (!queue || !prompt) return undefined;
    const beginnings = beginningsToKeep(this.#last.get(slot) ?? "", prompt.rendered, queue.prompts);
    this.#own.set(slot, queue);
    this.#last.set(slot, prompt.rendered);
    return { beginnings, prompt };
  }

  /** Takes prompts from the slot with the most work whose beginning the server can copy. */
  #share(): Queue<Item> | undefined {
    const [donor] = [...this.#own.values()]
      .filter(({ prompts }) => prompts.length >= WORTH_SHARING)
      .toSorted((a, b) => Number(b.read) - Number(a.read) || b.prompts.length - a.prompts.length);
    return donor && { prompts: donor.prompts.splice(Math.ceil(donor.prompts.length / 2)), read: false };
  }
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
