/** What stands for the middle of a message that was cut. */
const gap = (count: number) => `\n[… ${count} characters left out …]\n`;

/**
 * The beginning and the end of a text, as much of them as fits; the middle is left out and said to be.
 * @param fits asked about some ten candidates
 */
export async function headAndTail(text: string, fits: (candidate: string) => Promise<boolean>): Promise<string> {
  // by characters, so that none is cut in two
  const characters = Array.from(text);
  const candidate = (kept: number) => {
    const head = Math.ceil(kept / 2);
    const tail = kept - head;
    return (
      characters.slice(0, head).join("") +
      gap(characters.length - kept) +
      characters.slice(characters.length - tail).join("")
    );
  };
  let [low, high] = [0, characters.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await fits(candidate(middle))) low = middle;
    else high = middle - 1;
  }
  return candidate(low);
}
