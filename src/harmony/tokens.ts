/** The control tokens of o200k_harmony that a reader of completions meets, as text. */
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

/** The channels that gpt-oss is taught. */
export const CHANNELS = ["analysis", "commentary", "final"] as const;

const TOKEN_AT = /<\|(start|end|message|channel|constrain|return|call)\|>/y;
const TEXTS = Object.values(TOKENS);

/** A control token in a text, or the beginning of one at its very end. */
export interface FoundToken {
  /** Where it begins. */
  readonly at: number;
  /** Undefined when the text ends inside of it. */
  readonly name: TokenName | undefined;
}

/** The first control token from `from` on; a `<|…|>` that is none is text. Linear: no character is looked at twice. */
export function findToken(text: string, from: number): FoundToken | undefined {
  for (let at = text.indexOf("<|", from); at >= 0; at = text.indexOf("<|", at + 2)) {
    TOKEN_AT.lastIndex = at;
    const name = TOKEN_AT.exec(text)?.[1];
    if (name !== undefined) return { at, name: name as TokenName };
    if (isBeginning(text, at)) return { at, name: undefined };
  }
  return text.endsWith("<") && text.length > from ? { at: text.length - 1, name: undefined } : undefined;
}

/** True when the text from `at` on is the beginning of a control token, and not all of it. */
function isBeginning(text: string, at: number): boolean {
  const length = text.length - at;
  return length <= 12 && TEXTS.some((token) => length < token.length && text.startsWith(token.slice(0, length), at));
}

/** True for the tokens that end a message. */
export function isStop(name: TokenName): boolean {
  return name === "end" || name === "return" || name === "call";
}
