import { addAbortSignal } from "node:stream";
import { failed, reason } from "../failures/failure.ts";
import { textInBytes } from "../platform/text-in-bytes.ts";
import { sizeText } from "../platform/user-file.ts";
import type { World } from "./world.ts";

/** More than any context holds. Without a limit, `yes | gpt-oss ask` would fill the memory. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/**
 * Reads all of standard input as text. The writer may take any time; Ctrl-C ends the wait.
 * @throws GptOssError `interrupted`; `usage` if the input is not text or too large
 */
export async function readStandardInput({ stdin, signal }: Pick<World, "stdin" | "signal">): Promise<string> {
  const origin = reason("standardInput");
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer | string>) {
      const bytes = Buffer.from(chunk as Buffer);
      size += bytes.length;
      chunks.push(bytes);
      if (size > MAX_INPUT_BYTES) {
        throw failed("fileTooLarge", [origin, `> ${sizeText(MAX_INPUT_BYTES)}`, sizeText(MAX_INPUT_BYTES)]);
      }
    }
  } catch (error) {
    if (signal.aborted) throw failed("interrupted", [reason("readingInput")]);
    throw error;
  }
  return textInBytes(Buffer.concat(chunks), origin);
}
