import type { Ordered, PrefixGroup, PromptGroup } from "./order.ts";

/** What a slot does next. */
export interface Assignment<Item extends Ordered> {
  /** To be evaluated first; undefined when the slot's cache has it already. */
  readonly warm: string | undefined;
  readonly prompt: PromptGroup<Item>;
}

interface Queue<Item extends Ordered> {
  readonly prefix: string;
  readonly prompts: PromptGroup<Item>[];
}

/** Fewer prompts than this are not worth evaluating their prefix on a second slot. */
const WORTH_SHARING = 4;

/**
 * Hands out work to the server's slots. A slot stays with a group of prompts, whose beginning its cache holds; when no group
 * is left, it takes half of what the slot with the most work still has before it.
 */
export class Lanes<Item extends Ordered> {
  readonly #waiting: Queue<Item>[];
  /** What each slot works on. */
  readonly #own = new Map<number, Queue<Item>>();

  constructor(groups: readonly PrefixGroup<Item>[]) {
    this.#waiting = groups.map(({ prefix, prompts }) => ({ prefix, prompts: [...prompts] }));
  }

  /** The next prompt for this slot; undefined when there is nothing left for it. */
  next(slot: number): Assignment<Item> | undefined {
    const own = this.#own.get(slot);
    const prompt = own?.prompts.shift();
    if (prompt) return { warm: undefined, prompt };
    const taken = this.#waiting.shift() ?? this.#share();
    const first = taken?.prompts.shift();
    if (!taken || !first) return undefined;
    this.#own.set(slot, taken);
    // a group of one prompt gains nothing from a request of its own for the beginning
    const worthWarming = taken.prompts.length > 0 && taken.prefix !== "" && own?.prefix !== taken.prefix;
    return { warm: worthWarming ? taken.prefix : undefined, prompt: first };
  }

  #share(): Queue<Item> | undefined {
    const [longest] = [...this.#own.values()].toSorted((a, b) => b.prompts.length - a.prompts.length);
    if (!longest || longest.prompts.length < WORTH_SHARING) return undefined;
    const half = longest.prompts.splice(Math.ceil(longest.prompts.length / 2));
    return { prefix: longest.prefix, prompts: half };
  }
}
