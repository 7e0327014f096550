/** A reproducible source of choices: mulberry32. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }
}

const WORDS = [
  ...'the user asks for weather in Tokyo so we need to call a tool then answer briefly a < b || c > d 「東京」 は 晴れ です。 café naïve 👋🏽 <div> <| |> x<|y {"a": [1, 2]} `code` \n\n - list **bold** 3.14 assistant analysis commentary final to= json'.split(
    " ",
  ),
  "\n",
  "assistantfinal",
];
const TOOLS = ["functions.get_weather", "functions.github.search", "browser.search", "python", "functions.a-b_c"];

/** Words of a body, with what a careless reader takes for markup. */
export function bodyText(choices: Choices, mostWords: number): string {
  return Array.from({ length: choices.below(mostWords + 1) }, () => choices.of(WORDS)).join(choices.of([" ", " ", ""]));
}

/** A well-formed completion: thinking, preambles and calls with their results, and mostly an answer. */
export function wellFormedCompletion(choices: Choices, mostWords = 30): string {
  const messages = Array.from({ length: choices.below(4) }, () => wellFormedMessage(choices, mostWords));
  if (messages.length === 0 || choices.below(5) > 0)
    messages.push(`<|channel|>final<|message|>${bodyText(choices, mostWords)}<|return|>`);
  return messages.join("<|start|>assistant");
}

function wellFormedMessage(choices: Choices, mostWords: number): string {
  const body = bodyText(choices, mostWords);
  switch (choices.below(5)) {
    case 0:
    case 1:
      return `<|channel|>analysis<|message|>${body}<|end|>`;
    case 2:
      return `<|channel|>commentary<|message|>${body}<|end|>`;
    case 3: {
      const type = choices.of(["", " json", " <|constrain|>json", "<|constrain|>json", " code"]);
      return `<|channel|>commentary to=${choices.of(TOOLS)}${type}<|message|>${body}<|call|>`;
    }
    default: {
      const tool = choices.of(TOOLS);
      const type = choices.of(["", " <|constrain|>json", " json"]);
      const call = ` to=${tool}<|channel|>${choices.of(["commentary", "analysis"])}${type}<|message|>${body}<|call|>`;
      return `${call}<|start|>${tool} to=assistant<|channel|>commentary<|message|>${body}<|end|>`;
    }
  }
}
