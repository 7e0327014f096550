/** As many whole characters from the beginning as fit into a number of UTF-8 bytes. */
export function beginningOf(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  let end = Math.min(bytes, buffer.length);
  // a continuation byte begins with the bits 10
  while (end > 0 && end < buffer.length && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--;
  return buffer.subarray(0, end).toString("utf8");
}
