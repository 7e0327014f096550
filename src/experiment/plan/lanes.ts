import { beginningsToKeep, type Family, type Ordered, type PromptGroup } from "./order.ts";

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
export class Lanes<Item extends Ordered> {
  readonly #waiting: Queue<Item>[];
  /** What each slot works on. */
  readonly #own = new Map<number, Queue<Item>>();
  /** What each slot has read last. */
  readonly #last = new Map<number, string>();

  constructor(families: readonly Family<Item>[]) {
    this.#waiting = families.map((prompts) => ({ prompts: [...prompts], read: false }));
  }

  /** The next prompt for this slot; undefined when there is nothing left for it. */
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

  /** From the slot with the most work whose beginning the server can copy, if there is one. */
  #share(): Queue<Item> | undefined {
    const [donor] = [...this.#own.values()]
      .filter(({ prompts }) => prompts.length >= WORTH_SHARING)
      .toSorted((a, b) => Number(b.read) - Number(a.read) || b.prompts.length - a.prompts.length);
    return donor && { prompts: donor.prompts.splice(Math.ceil(donor.prompts.length / 2)), read: false };
  }
}
