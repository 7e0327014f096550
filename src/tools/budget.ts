/** Bytes of one tool result. Four bytes of UTF-8 are about one token, in English as in Japanese, so this is some 4,000 tokens. */
export const RESULT_BYTES = 16_384;

/**
 * Cuts a text to a number of UTF-8 bytes, never inside a character, and says so in a line of its own.
 * @param how what to do to see the rest, such as "read on from line 200"
 */
export function cutToBudget(text: string, bytes: number = RESULT_BYTES, how?: string): string {
  const total = Buffer.byteLength(text);
  if (total <= bytes) return text;
  const kept = beginningOf(text, bytes);
  return `${kept}\n[cut: ${Buffer.byteLength(kept)} of ${total} bytes are shown${how === undefined ? "" : `; ${how}`}]`;
}

/** As many whole characters from the beginning as fit. */
export function beginningOf(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  let end = Math.min(bytes, buffer.length);
  // a continuation byte begins with the bits 10
  while (end > 0 && end < buffer.length && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--;
  return buffer.subarray(0, end).toString("utf8");
}
