/** Every way to cut a text that examples are tried with: pieces of some lengths, and in two at each position. */
export function* cuttings(text: string): Generator<string[]> {
  for (const length of [1, 2, 3, 5, 7, 11]) yield inPieces(text, length);
  for (let at = 1; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
}

export function inPieces(text: string, length: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += length) pieces.push(text.slice(at, at + length));
  return pieces;
}

/** Cuts a text at the given positions, which may lie anywhere. */
export function cutAt(text: string, positions: readonly number[]): string[] {
  const cuts = [...new Set(positions.map((position) => position % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...cuts].map((from, index) => text.slice(from, cuts[index] ?? text.length));
}
