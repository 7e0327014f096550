export type Granularity = "grapheme" | "word" | "sentence";

const SEGMENTERS = {
  grapheme: new Intl.Segmenter(undefined, { granularity: "grapheme" }),
  word: new Intl.Segmenter(undefined, { granularity: "word" }),
  sentence: new Intl.Segmenter(undefined, { granularity: "sentence" }),
} satisfies Record<Granularity, Intl.Segmenter>;

/** Each step of a segmenter takes time in proportion to its whole text: 80,000 characters at once take a minute. */
const WINDOW = 1_000;

/** The characters, words or sentences of a text of any length. Joined, they are the text again. */
export function* segmentsOf(text: string, granularity: Granularity): Generator<string> {
  const segmenter = SEGMENTERS[granularity];
  let size = WINDOW;
  for (let start = 0; start < text.length;) {
    const window = text.slice(start, start + size);
    const isLast = start + size >= text.length;
    const segments = Array.from(segmenter.segment(window), ({ segment }) => segment);
    // what stands at the end may go on behind it
    const whole = isLast ? segments : segments.slice(0, -1);
    if (whole.length === 0) {
      size *= 2;
      continue;
    }
    yield* whole;
    start += whole.reduce((length, segment) => length + segment.length, 0);
    size = WINDOW;
  }
}
