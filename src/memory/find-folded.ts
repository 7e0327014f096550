import { foldText } from "../text/fold-text.ts";
import { segmentsOf } from "../text/segments.ts";

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Where `query` stands in `text` by folded comparison, in UTF-16 units of the text as it is, whole characters each. */
export function findFolded(text: string, query: string): readonly TextRange[] {
  const wanted = foldText(query);
  if (wanted === "" || !foldText(text).includes(wanted)) return [];
  // folding changes lengths (ﾃﾞ becomes one character), so each folded unit remembers the character it came from
  let folded = "";
  const origins: TextRange[] = [];
  let index = 0;
  for (const segment of segmentsOf(text, "grapheme")) {
    const piece = foldText(segment);
    folded += piece;
    for (let unit = 0; unit < piece.length; unit++) origins.push({ start: index, end: index + segment.length });
    index += segment.length;
  }
  const ranges: TextRange[] = [];
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
    const [first, last] = [origins[at], origins[at + wanted.length - 1]];
    if (first !== undefined && last !== undefined) ranges.push({ start: first.start, end: last.end });
  }
  return ranges;
}
