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
    // the last character may continue in the next piece
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

/** Marks on one character. Halfwidth voiced marks count too: NFKC makes combining ones of them. */
const MARKS = /([\p{M}\uFF9E\uFF9F]{30})[\p{M}\uFF9E\uFF9F]+/gu;

/**
 * `normalize` without its worst case: sorting the marks on one character takes 40 seconds for 200,000 of them, and nothing can
 * interrupt it. Marks after the 30th are left out, a limit that Unicode's stream-safe text format has too (UAX 15).
 */
export function normalizeText(text: string, form: "NFC" | "NFKC"): string {
  return text.replaceAll(MARKS, "$1").normalize(form);
}

/** Text as a search compares it: compatibility forms (full and half width, ligatures) made one, and case ignored. */
export function foldText(text: string): string {
  return normalizeText(text, "NFKC").toLowerCase();
}

/** Legacy encodings of Japanese text with 8-bit characters. */
const OLD_ENCODINGS = ["shift_jis", "euc-jp"] as const;
/** Kana and kanji; not the halfwidth kana that each of the two makes of the other's bytes. */
const JAPANESE = /[\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF。、]/g;
const SAMPLE_CHARACTERS = 100_000;

/** ISO-2022-JP (Japanese mail) switches to kanji with ESC $ B or ESC $ @; its bytes are valid UTF-8, so they are looked at first. */
const KANJI_ESCAPES = ["\x1b$B", "\x1b$@"] as const;

/**
 * Decodes text in UTF-8, in UTF-16 with a byte order mark, in Shift_JIS, EUC-JP or ISO-2022-JP; undefined if the bytes are not text.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded(bytes, "utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decoded(bytes, "utf-16be");
  if (bytes.includes(0)) return undefined;
  const text = decoded(bytes, "utf-8");
  if (text === undefined) return oldJapanese(bytes);
  return KANJI_ESCAPES.some((escape) => text.includes(escape)) ? (decoded(bytes, "iso-2022-jp") ?? text) : text;
}

/** Bytes that make sense in both encodings give more Japanese in the right one; bytes that are not text give hardly any. */
function oldJapanese(bytes: Uint8Array): string | undefined {
  const readings = OLD_ENCODINGS.flatMap((encoding) => decoded(bytes, encoding) ?? []);
  return readings
    .filter((text) => text.search(JAPANESE) >= 0)
    .toSorted((one, other) => lettersIn(other) - lettersIn(one))[0];
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined; // bytes that are none of this encoding's; nothing else makes a decoder throw
  }
}

/** Of its beginning: to count those of 10 MB takes seconds. */
function lettersIn(text: string): number {
  const start = Math.max(0, text.search(JAPANESE));
  return text.slice(start, start + SAMPLE_CHARACTERS).match(JAPANESE)?.length ?? 0;
}

/** As many whole characters from the beginning as fit into a number of UTF-8 bytes. */
export function beginningOf(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  let end = Math.min(bytes, buffer.length);
  // a continuation byte begins with the bits 10
  while (end > 0 && end < buffer.length && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--;
  return buffer.subarray(0, end).toString("utf8");
}
