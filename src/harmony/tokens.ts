/** The control tokens of o200k_harmony that gpt-oss writes, as text. */
export const TOKENS = {
  start: "<|start|>",
  end: "<|end|>",
  message: "<|message|>",
  channel: "<|channel|>",
  constrain: "<|constrain|>",
  return: "<|return|>",
  call: "<|call|>",
} as const;

export type TokenName = keyof typeof TOKENS;

/** A control token in a text. */
export interface FoundToken {
  readonly name: TokenName;
  /** Where it begins, and where what follows it begins. */
  readonly at: number;
  readonly end: number;
}

const TOKEN_HERE = /<\|(start|end|message|channel|constrain|return|call)\|>/y;
const TEXTS = Object.values(TOKENS);
const LONGEST = Math.max(...TEXTS.map((text) => text.length));

/** The first control token from `from` on; any other `<|…|>` is text. */
export function findToken(text: string, from: number): FoundToken | undefined {
  for (let at = text.indexOf("<|", from); at >= 0; at = text.indexOf("<|", at + 2)) {
    TOKEN_HERE.lastIndex = at;
    const name = TOKEN_HERE.exec(text)?.[1];
    if (name !== undefined) return { name: name as TokenName, at, end: TOKEN_HERE.lastIndex };
  }
  return undefined;
}

/** False for a text in which no control token stands or begins. */
export function mayHoldToken(text: string): boolean {
  return text.includes("<") && (text.includes("<|") || text.endsWith("<"));
}

/** Where the beginning of a control token stands at the very end of a text, or the text's length when there is none. */
export function partialTokenAt(text: string, from: number): number {
  const ending = text.slice(Math.max(from, text.length - LONGEST + 1));
  const partial = ending.slice(ending.lastIndexOf("<"));
  const isPartial = partial.startsWith("<") && TEXTS.some((token) => token.startsWith(partial) && token !== partial);
  return isPartial ? text.length - partial.length : text.length;
}

/** True for the tokens that end a message. */
export function isStop(name: TokenName): boolean {
  return name === "end" || name === "return" || name === "call";
}
