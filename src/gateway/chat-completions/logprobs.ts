import { z } from "zod";

const entrySchema = z.looseObject({ token: z.string() });
const logprobsSchema = z.looseObject({ content: z.array(entrySchema).nullish() }).nullish();

type Entry = z.output<typeof entrySchema>;

const CONTROL_TOKEN = /^<\|\w+\|>$/;

/**
 * The log probabilities of the answer alone. A raw model server sends those of every token that the model wrote: the thinking, and the
 * markers between the channels.
 */
export class AnswerLogprobs {
  /** The header that is being written: the text between `<|channel|>` and `<|message|>`. */
  #header: string | undefined;
  /** Undefined until the first marker has come: a server that splits the channels sends none. */
  #isAnswer: boolean | undefined;

  read(given: unknown): Entry[] {
    const entries = logprobsSchema.safeParse(given).data?.content ?? [];
    return entries.filter(({ token }) => this.#belongsToAnswer(token));
  }

  #belongsToAnswer(token: string): boolean {
    if (token === "<|channel|>") this.#header = "";
    else if (token === "<|message|>") {
      this.#isAnswer = this.#header?.trim().startsWith("final") === true;
      this.#header = undefined;
    } else if (CONTROL_TOKEN.test(token)) this.#isAnswer = false;
    else if (this.#header !== undefined) this.#header += token;
    else return this.#isAnswer ?? true;
    return false;
  }
}

export function joinLogprobs(entries: readonly unknown[]) {
  return { content: entries, refusal: null };
}
