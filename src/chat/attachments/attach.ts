import { extname } from "node:path";
import { failed } from "../../failures/failure.ts";
import { findUserPath, type FoundUserPath, listUserFolder, readUserFile, sizeText } from "../../platform/user-file.ts";
import type { Messages } from "../language/index.ts";
import { mentionsIn, unescapeMentions } from "./mentions.ts";

/** Bytes of a file that can still be attached: about 64,000 tokens of English. */
const MAX_BYTES = 256 * 1024;
const MAX_NAMES = 200;

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
    const mentioned = findMentioned(paths, options.folder);
    if (mentioned === undefined) {
      if (!mustExist) continue;
      throw failed("noAttachment", [paths.at(-1) ?? ""]);
    }
    const { block, size } = readAttachment(mentioned, options.folder);
    blocks.push(block);
    attached.push(options.messages.attached(mentioned.path, size));
  }
  return { text: [unescapeMentions(message), ...blocks].join("\n\n"), attached };
}

interface Mentioned extends FoundUserPath {
  readonly path: string;
}

function findMentioned(paths: readonly string[], folder: string): Mentioned | undefined {
  for (const path of paths) {
    const found = findUserPath(path, folder);
    if (found !== undefined) return { path, ...found };
  }
  return undefined;
}

function readAttachment({ path, kind }: Mentioned, folder: string): { block: string; size: string } {
  if (kind === "folder") return listFolder(path, folder);
  const text = readUserFile(path, { folder, maxBytes: MAX_BYTES });
  return { block: `File ${path}:\n${fenced(text, extname(path).slice(1))}`, size: sizeText(Buffer.byteLength(text)) };
}

function listFolder(path: string, folder: string): { block: string; size: string } {
  const names = listUserFolder(path, folder);
  const more = names.length > MAX_NAMES ? [`… and ${names.length - MAX_NAMES} more`] : [];
  const list = [...names.slice(0, MAX_NAMES), ...more].join("\n");
  return { block: `Folder ${path}:\n${fenced(list, "")}`, size: `${names.length}` };
}

/** Between fences that are longer than any inside. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n?$/, "\n")}${fence}`;
}
