import { encode } from "gpt-tokenizer/encoding/o200k_base";
import ranks from "gpt-tokenizer/bpeRanks/o200k_base";

const FIRST_CONTROL = 199_998;
const SIZE = 201_088;

/** The control tokens of o200k_harmony that have a name. */
export const CONTROL_TOKENS = {
  "<|startoftext|>": 199_998,
  "<|endoftext|>": 199_999,
  "<|return|>": 200_002,
  "<|constrain|>": 200_003,
  "<|channel|>": 200_005,
  "<|start|>": 200_006,
  "<|end|>": 200_007,
  "<|message|>": 200_008,
  "<|call|>": 200_012,
  "<|endofprompt|>": 200_018,
} as const;

export interface Vocabulary {
  /** Each token as a GGUF file spells it: a printable character for each byte. */
  readonly tokens: readonly string[];
  /** Two tokens that become one, in order. */
  readonly merges: readonly string[];
  readonly isControl: (token: number) => boolean;
  readonly encode: (text: string) => readonly number[];
}

/** The vocabulary of gpt-oss, o200k_harmony: the tokens and ranks of o200k_base, and the control tokens after them. */
export function harmonyVocabulary(): Vocabulary {
  const characters = printableBytes();
  const spell = (token: string | readonly number[]) =>
    Array.from(typeof token === "string" ? new TextEncoder().encode(token) : token, (byte) => characters[byte]).join(
      "",
    );
  const ordinary = ranks.map(spell);
  const names = new Map<number, string>(Object.entries(CONTROL_TOKENS).map(([name, id]) => [id, name]));
  const control = Array.from({ length: SIZE - FIRST_CONTROL }, (_, index) => {
    const id = FIRST_CONTROL + index;
    return names.get(id) ?? `<|reserved_${id}|>`;
  });
  return {
    tokens: [...ordinary.slice(0, FIRST_CONTROL), ...control],
    merges: mergesOf(ordinary),
    isControl: (token) => token >= FIRST_CONTROL,
    encode,
  };
}

/** A printable character for each byte, as GPT-2's tokenizer has it: those that are printable stand for themselves. */
function printableBytes(): readonly string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}

/** The last merge that makes each token: what is left of it when only the merges before it have been made. */
function mergesOf(tokens: readonly string[]): readonly string[] {
  const rankOf = new Map(tokens.map((token, rank) => [token, rank]));
  return tokens.flatMap((token, rank) => {
    let parts = Array.from(token);
    while (parts.length > 2) {
      const at = firstMerge(parts, rankOf, rank);
      if (at === undefined) break;
      parts = [...parts.slice(0, at), `${parts[at]}${parts[at + 1]}`, ...parts.slice(at + 2)];
    }
    return parts.length === 2 ? [parts.join(" ")] : [];
  });
}

function firstMerge(parts: readonly string[], rankOf: ReadonlyMap<string, number>, below: number): number | undefined {
  let best: { readonly at: number; readonly rank: number } | undefined;
  for (let at = 0; at + 1 < parts.length; at++) {
    const rank = rankOf.get(`${parts[at]}${parts[at + 1]}`);
    if (rank !== undefined && rank < below && rank < (best?.rank ?? Number.POSITIVE_INFINITY)) best = { at, rank };
  }
  return best?.at;
}
