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

/** Bytes that make sense in both encodings make more Japanese in the right one, and bytes that are no text hardly any. */
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
