/** Texts of Japanese machines that are not in UTF-8. */
const OLD_ENCODINGS = ["shift_jis", "euc-jp"] as const;
/** Kana and kanji; not the halfwidth kana that each of the two makes of the other's bytes. */
const JAPANESE = /[\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF。、]/g;
const SAMPLE_CHARACTERS = 100_000;

/** The text that bytes hold, in UTF-8, in UTF-16 with a mark or in one of the two old Japanese encodings; undefined when they are no text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decoded(bytes, "utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decoded(bytes, "utf-16be");
  if (bytes.includes(0)) return undefined;
  return decoded(bytes, "utf-8") ?? oldJapanese(bytes);
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
