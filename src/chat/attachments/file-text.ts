import type { ReasonKey } from "../../failures/failure.ts";
import { decodeText } from "../../text/decode-text.ts";

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

/** Reads bytes as text, or says what else they are. */
export function fileContentOf(bytes: Uint8Array): FileContent {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const [, known] = SIGNATURES.find(([signature]) => head.startsWith(signature)) ?? [];
  const text = known === undefined ? decodeText(bytes) : undefined;
  return text === undefined ? { kind: "binary", type: known ?? "binaryData" } : { kind: "text", text };
}
