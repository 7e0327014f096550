import type { FileHandle } from "node:fs/promises";
import { decodeText } from "../../text/decode-text.ts";
import { ToolFailure } from "../failure.ts";
import type { ToolFolder } from "./tool-folder.ts";

/** Larger files are not read whole; nobody wants them in a conversation. */
export const MOST_FILE_BYTES = 10_000_000;

/** The text of a file in a folder; undefined for one that is no text, too large or gone. */
export async function textOf(folder: ToolFolder, path: string): Promise<string | undefined> {
  try {
    const handle = await folder.openFile(path);
    try {
      return await readText(handle, path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ToolFailure) return undefined;
    throw error;
  }
}

/**
 * The text of an open file.
 * @throws ToolFailure when it is too large or no text
 */
export async function readText(handle: FileHandle, shown: string): Promise<string> {
  const { size } = await handle.stat();
  if (size > MOST_FILE_BYTES) {
    throw new ToolFailure(`${shown} has ${size} bytes; at most ${MOST_FILE_BYTES} can be read.`);
  }
  const bytes = await readUpTo(handle, MOST_FILE_BYTES);
  const text = decodeText(bytes);
  if (text === undefined) throw new ToolFailure(`${shown} is not a text file.`);
  return text;
}

/** A file that grows meanwhile is read no further than the limit. */
async function readUpTo(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < most) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(65_536), 0, Math.min(65_536, most - total), total);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}
