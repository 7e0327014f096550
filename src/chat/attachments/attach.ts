import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join, resolve } from "node:path";
import { GptOssError, messageOf, systemCodeOf } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import type { Messages } from "../language/index.ts";
import { fileContentOf } from "./file-text.ts";
import { mentionsIn, unescapeMentions } from "./mentions.ts";

/** Bytes of a file that can still be attached: about 64,000 tokens of English. */
const MOST_BYTES = 256 * 1024;
const MOST_NAMES = 200;

export interface AttachedMessage {
  /** What is sent: the message, and below it what the mentioned files hold. */
  readonly text: string;
  /** What was attached, a line each. */
  readonly attached: readonly string[];
}

export interface AttachOptions {
  /** The current folder. */
  readonly folder: string;
  readonly messages: Messages;
}

/**
 * Puts the files that a message mentions by `@path` below it, each with its name; of a folder the names of what is in it. That no text
 * in them can steer the model is seen to where messages go out.
 * @throws GptOssError `usage` when one is not there, is no text, or is too large
 */
export function attachFiles(message: string, options: AttachOptions): AttachedMessage {
  const blocks: string[] = [];
  const attached: string[] = [];
  for (const { paths, mustExist } of mentionsIn(message)) {
    const found = paths.map((path) => ({ path, absolute: resolve(options.folder, homely(path)) })).find(exists);
    if (found === undefined) {
      if (!mustExist) continue;
      throw failed("noAttachment", [paths.at(-1) ?? ""]);
    }
    const { block, size } = readAttachment(found.path, found.absolute);
    blocks.push(block);
    attached.push(options.messages.attached(found.path, size));
  }
  return { text: [unescapeMentions(message), ...blocks].join("\n\n"), attached };
}

function homely(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function exists({ absolute }: { absolute: string }): boolean {
  return statSync(absolute, { throwIfNoEntry: false }) !== undefined;
}

function readAttachment(path: string, absolute: string): { block: string; size: string } {
  try {
    const stats = statSync(absolute);
    if (stats.isDirectory()) return listFolder(path, absolute);
    if (!stats.isFile()) throw failed("binaryAttachment", [path, reason("deviceOrPipe")]);
    if (stats.size > MOST_BYTES) throw failed("largeAttachment", [path, sizeOf(stats.size), sizeOf(MOST_BYTES)]);
    const content = fileContentOf(readFileSync(absolute));
    if (content.kind === "binary") throw failed("binaryAttachment", [path, reason(content.type)]);
    return { block: `File ${path}:\n${fenced(content.text, extname(path).slice(1))}`, size: sizeOf(stats.size) };
  } catch (error) {
    if (GptOssError.isInstance(error)) throw error;
    throw failed("unreadableAttachment", [path, systemCodeOf(error) ?? messageOf(error)], { cause: error });
  }
}

function listFolder(path: string, absolute: string): { block: string; size: string } {
  const entries = readdirSync(absolute, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
  const more = names.length > MOST_NAMES ? [`… and ${names.length - MOST_NAMES} more`] : [];
  const list = [...names.slice(0, MOST_NAMES), ...more].join("\n");
  return { block: `Folder ${path}:\n${fenced(list, "")}`, size: `${names.length}` };
}

/** Between fences that are longer than any inside. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n?$/, "\n")}${fence}`;
}

function sizeOf(bytes: number): string {
  return bytes < 1_024 ? `${bytes} B` : `${(bytes / 1_024).toFixed(1)} KB`;
}
