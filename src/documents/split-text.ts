import { segmentsOf } from "../text/segments.ts";
import type { CountTokens } from "./token-counter.ts";

/** Where a text may be cut, the best places first: between paragraphs, lines, sentences, words, characters. */
const CUTS: readonly ((text: string) => string[])[] = [
  (text) => text.split(/(?<=\n[ \t]*\n)/),
  (text) => text.split(/(?<=\n)/),
  (text) => [...segmentsOf(text, "sentence")],
  (text) => [...segmentsOf(text, "word")],
  (text) => [...segmentsOf(text, "grapheme")],
];

/**
 * Cuts a text into pieces of at most so many tokens, at the best places there are. Joined, the pieces are the text again.
 * @param count counts of parts are added up, which is never too few by more than a token or two a part
 */
export async function splitText(text: string, most: number, count: CountTokens): Promise<string[]> {
  return await split(text, most, count, 0);
}

async function split(text: string, most: number, count: CountTokens, level: number): Promise<string[]> {
  const cut = CUTS[level];
  if (text === "" || (await count(text)) <= most || cut === undefined) return text === "" ? [] : [text];
  const parts = cut(text).filter((part) => part !== "");
  if (parts.length === 1) return await split(text, most, count, level + 1);
  const pieces: string[] = [];
  let piece = "";
  let tokens = 0;
  for (const part of parts) {
    const size = await count(part);
    if (tokens + size > most && piece !== "") {
      pieces.push(piece);
      piece = "";
      tokens = 0;
    }
    if (size > most) {
      pieces.push(...(await split(part, most, count, level + 1)));
    } else {
      piece += part;
      tokens += size;
    }
  }
  return piece === "" ? pieces : [...pieces, piece];
}
