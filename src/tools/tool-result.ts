import { beginningOf } from "../terminal/unicode.ts";

/** Why a tool could not do what it was called for, as one sentence for the model, which may try again. */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** A person has said no, or there was nobody to ask. */
export class ToolRefusal extends ToolError {
  override readonly name = "ToolRefusal";
}

/** Bytes of one tool result. Four bytes of UTF-8 are about one token, in English as in Japanese, so this is some 4,000 tokens. */
export const RESULT_BYTES = 16_384;

/** What the note of a cut takes. */
const NOTE_BYTES = 160;

/**
 * Cuts a text to a number of UTF-8 bytes, its note included, never inside a character.
 * @param how what to do to see the rest, such as "read on from line 200"
 */
export function cutToBudget(text: string, bytes: number = RESULT_BYTES, how?: string): string {
  const total = Buffer.byteLength(text);
  if (total <= bytes) return text;
  const kept = beginningOf(text, Math.max(0, bytes - NOTE_BYTES - Buffer.byteLength(how ?? "")));
  return `${kept}\n[cut: ${Buffer.byteLength(kept)} of ${total} bytes are shown${how === undefined ? "" : `; ${how}`}]`;
}
