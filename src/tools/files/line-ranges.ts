/** Where each line of a text begins and ends, without its line break: an array of all lines can take more memory than there is. */
export function* lineRanges(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const next = found < 0 ? text.length : found;
    yield { start, end: found > start && text[found - 1] === "\r" ? found - 1 : next };
    start = next + 1;
  }
}
