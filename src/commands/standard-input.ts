import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import { failed, reason } from "../failures/failure.ts";
import type { World } from "./world.ts";

/**
 * All of what is piped in, as UTF-8. Whoever pipes may take as long as they like; Ctrl-C ends the waiting.
 * @throws GptOssError `interrupted`
 */
export async function readStandardInput({ stdin, signal }: Pick<World, "stdin" | "signal">): Promise<string> {
  try {
    return await text(addAbortSignal(signal, stdin));
  } catch (error) {
    if (signal.aborted) throw failed("interrupted", [reason("readingInput")]);
    throw error;
  }
}
