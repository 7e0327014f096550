import { readdirSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import type { ChatText } from "../i18n/catalogue.ts";
import { homeFolder } from "../platform/folders.ts";
import { findUserPath, type FoundUserPath, listUserFolder, readUserFile, sizeText } from "../platform/user-file.ts";

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
  readonly messages: ChatText;
}

/**
 * Puts the files that a message mentions by `@path` below it, each with its name; of a folder the names of what is in it. That no text
 * in them can steer the model is seen to where messages go out.
 * @throws GptOssError `usage` when a file is missing, is not text, or is too large
 */
export function attachFiles(message: string, options: AttachOptions): AttachedMessage {
  const blocks: string[] = [];
  const attached: string[] = [];
  for (const { paths, mustExist } of mentionsIn(message)) {
    const mentioned = findMentioned(paths, options.folder);
    if (mentioned === undefined) {
      if (!mustExist) continue;
      throw createError("noAttachment", [paths.at(-1) ?? ""]);
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

/** `@path` in a message. */
export interface Mention {
  /** As written in the message, `@` and quotation marks included. */
  readonly written: string;
  /** Paths that may be meant, the longest first. */
  readonly paths: readonly string[];
  /** It looks like a path, so that a file that is not there is a mistake; else it may be a name: `@alice`. */
  readonly mustExist: boolean;
}

const MENTION = /(?<=^|[\s（(「『])@(?:"([^"\n]+)"|(\S+))/gu;
/** What may follow a path without a space: in Japanese, anything outside ASCII. */
const TRAILING = /[.,;:!?)\]}'"」』）、。！？]+$/u;

/** The `@path` mentions of a message; `\@` is none. */
export function mentionsIn(message: string): Mention[] {
  return Array.from(message.matchAll(MENTION), ([written, quoted, plain = ""]) => {
    if (quoted !== undefined) return { written, paths: [quoted], mustExist: true };
    const ascii = /^[\u0021-\u007E]+/.exec(plain)?.[0] ?? "";
    const paths = [plain, plain.replace(TRAILING, ""), ascii, ascii.replace(TRAILING, "")];
    return {
      written,
      paths: [...new Set(paths)].filter(Boolean),
      mustExist: /[./~]/.test(ascii.replace(TRAILING, "")),
    };
  });
}

/** The message without the signs that keep an `@` from being read: of `\\@`, which means `\@`, one is removed too. */
export function unescapeMentions(message: string): string {
  return message.replaceAll(/(?<=^|[\s（(「『])\\(\\*@)/gu, "$1");
}

/**
 * A text from elsewhere, in which no `@path` is to be read as a file of the user's: `unescapeMentions` makes the same text of it.
 * @param before the character that it is put behind
 */
export function escapeMentions(text: string, before: string): string {
  const whole = `${before}${text}`;
  return whole
    .replaceAll(/(?<=^|[\s（(「『])\\*@/gu, (mark, at: number) => (at < before.length ? mark : `\\${mark}`))
    .slice(before.length);
}

const MOST_OFFERS = 100;

/** The files and folders whose path begins so; folders end with a slash, hidden ones are offered when asked for by their dot. */
export function pathsBeginningWith(typed: string, folder: string): string[] {
  const at = typed.lastIndexOf("/") + 1;
  const [parent, beginning] = [typed.slice(0, at), typed.slice(at)];
  const absolute = resolve(folder, parent.startsWith("~/") ? join(homeFolder(), parent.slice(2)) : parent);
  try {
    return readdirSync(absolute)
      .filter((name) => name.startsWith(beginning) && (beginning.startsWith(".") || !name.startsWith(".")))
      .slice(0, MOST_OFFERS)
      .map((name) => parent + name + (isFolder(join(absolute, name)) ? "/" : ""));
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
