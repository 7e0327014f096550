import { failed, type Phrase, reason, type ReasonKey } from "../failures/failure.ts";
import { decodeText } from "../text/decode-text.ts";

/** First bytes, in hexadecimal, that identify a kind of file. */
const SIGNATURES: readonly (readonly [bytes: string, kind: ReasonKey])[] = [
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

/**
 * Decodes bytes that a user provides: UTF-8, UTF-16 with a byte order mark, Shift_JIS, EUC-JP or ISO-2022-JP.
 * @param origin names the file or the stream in the error
 * @throws GptOssError `usage` that says which kind of data it is instead
 */
export function textInBytes(bytes: Uint8Array, origin: Phrase): string {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const [, known] = SIGNATURES.find(([signature]) => head.startsWith(signature)) ?? [];
  const text = known === undefined ? decodeText(bytes) : undefined;
  if (text === undefined) throw failed("fileNotText", [origin, reason(known ?? "binaryData")]);
  return text;
}
