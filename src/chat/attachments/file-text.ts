import type { ReasonKey } from "../../failures/failure.ts";

/** What a file holds: text, or which kind of data. */
export type FileContent =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "binary"; readonly type: ReasonKey };

/** First bytes, in hexadecimal, by which a kind of file is known. */
const SIGNATURES: readonly (readonly [bytes: string, type: ReasonKey])[] = [
  ["89504e470d0a1a0a", "pngImage"],
  ["ffd8ff", "jpegImage"],
  ["47494638", "gifImage"],
  ["25504446", "pdf"],
  ["504b0304", "zip"],
  ["1f8b", "gzip"],
  ["fd377a585a00", "xz"],
  ["28b52ffd", "zstd"],
  ["7f454c46", "program"],
  ["cffaedfe", "program"],
  ["47475546", "gguf"],
  ["53514c69746520666f726d6174", "sqlite"],
  ["494433", "mp3"],
  ["4f676753", "ogg"],
  ["d0cf11e0", "oldOffice"],
];

/** Texts of Japanese machines that are not in UTF-8. */
const OLD_ENCODINGS = ["shift_jis", "euc-jp"] as const;
const KANA = /[\u3041-\u3096\u30A1-\u30FA。、]/g;

/** Reads bytes as text: UTF-8, UTF-16 with a mark, and the two old Japanese encodings. */
export function fileContentOf(bytes: Uint8Array): FileContent {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  if (head.startsWith("fffe")) return textIn(bytes, "utf-16le") ?? binary(head);
  if (head.startsWith("feff")) return textIn(bytes, "utf-16be") ?? binary(head);
  if (SIGNATURES.some(([signature]) => head.startsWith(signature)) || bytes.includes(0)) return binary(head);
  const text = textIn(bytes, "utf-8");
  if (text !== undefined) return text;
  const old = OLD_ENCODINGS.flatMap((encoding) => textIn(bytes, encoding) ?? []).filter(
    ({ text: read }) => kanaIn(read) > 0,
  );
  // bytes that make sense in both make more Japanese in the right one
  return old.toSorted((one, other) => kanaIn(other.text) - kanaIn(one.text))[0] ?? binary(head);
}

function textIn(bytes: Uint8Array, encoding: string): { readonly kind: "text"; readonly text: string } | undefined {
  try {
    return { kind: "text", text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return undefined; // bytes that are none of this encoding's; nothing else makes a decoder throw
  }
}

function kanaIn(text: string): number {
  return text.match(KANA)?.length ?? 0;
}

function binary(head: string): FileContent {
  const [, type = "binaryData"] = SIGNATURES.find(([signature]) => head.startsWith(signature)) ?? [];
  return { kind: "binary", type };
}
