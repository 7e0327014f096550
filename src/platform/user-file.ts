import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
  fsyncSync,
  linkSync,
  lstatSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve, basename, dirname } from "node:path";
import { messageOf, systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail, type ErrorDetailKey, type LocalizedText } from "../i18n/error-messages.ts";
import { decodeText } from "../terminal/unicode.ts";
import { homeFolder } from "./folders.ts";

/** Text files of this size still parse in memory without trouble; callers with a smaller budget pass their own limit. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 65_536;

export interface UserFileOptions {
  /** Relative paths start here. Default: the current folder. */
  readonly folder?: string | undefined;
  /** Larger files are refused. Default: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads a text file that a user named, wherever the name comes from: a flag, a message, a setting. Handles `~`, quotes, encodings and
 * everything that is not a regular file, and never waits for a writer: a named pipe is refused before it is opened.
 * @throws GptOssError `usage` that names the file and the problem
 */
export function readUserFile(path: string, options: UserFileOptions = {}): string {
  return textInBytes(readUserFileBytes(path, options), path);
}

/** The same, or undefined if no file has this name. */
export function readUserFileIfPresent(path: string, options: UserFileOptions = {}): string | undefined {
  return findUserPath(path, options.folder) === undefined ? undefined : readUserFile(path, options);
}

/** The bytes of a regular file that a user named. @throws GptOssError `usage` as `readUserFile` does */
export function readUserFileBytes(
  path: string,
  { folder, maxBytes = DEFAULT_MAX_BYTES }: UserFileOptions = {},
): Buffer {
  const file = openRegularFile(path, resolveUserPath(path, folder));
  try {
    const { size } = fstatSync(file);
    // a file of /proc has a size of 0 and content
    const bytes = size > maxBytes ? undefined : readAtMost(file, maxBytes);
    if (bytes === undefined) throw createError("fileTooLarge", [path, sizeText(size), sizeText(maxBytes)]);
    return bytes;
  } catch (error) {
    throw describeReadError(path, error);
  } finally {
    closeSync(file);
  }
}

/** What a path leads to. */
export interface FoundUserPath {
  readonly absolute: string;
  readonly kind: "file" | "folder" | "other";
}

/**
 * Finds what a user's path leads to. A path that cannot exist (too long, through a file, with a NUL) is not found; it is not an error.
 * @throws GptOssError `usage` if the system does not let the user look
 */
export function findUserPath(path: string, folder?: string): FoundUserPath | undefined {
  const absolute = resolveUserPath(path, folder);
  const stats = statsOf(path, absolute);
  if (stats === undefined) return undefined;
  return { absolute, kind: stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other" };
}

/**
 * Finds a regular file that another program will open, which could wait for ever for the writer of a named pipe.
 * @returns undefined if no file has this name
 * @throws GptOssError `usage` for a folder, a device or a named pipe
 */
export function findRegularUserFile(path: string): { readonly absolute: string; readonly bytes: number } | undefined {
  const absolute = resolveUserPath(path);
  const stats = statsOf(path, absolute);
  if (stats === undefined) return undefined;
  refuseUnlessRegular(path, stats);
  return { absolute, bytes: stats.size };
}

/** The names in a folder that a user named; folders end with a slash. @throws GptOssError `usage` */
export function listUserFolder(path: string, folder?: string): string[] {
  try {
    const entries = readdirSync(resolveUserPath(path, folder), { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
  } catch (error) {
    throw describeReadError(path, error);
  }
}

/** The absolute path that a user means: `~` is their home folder, and quotes or `\ ` (a dropped file) protect spaces. */
export function resolveUserPath(path: string, folder?: string): string {
  const quoted = /^(?:"([^"]+)"|'([^']+)')$/.exec(path.trim());
  const name = quoted?.[1] ?? quoted?.[2] ?? path.replaceAll("\\ ", " ");
  const home = name === "~" || name.startsWith("~/") ? join(homeFolder(), name.slice(1)) : name;
  try {
    return folder === undefined ? resolve(home) : resolve(folder, home);
  } catch (error) {
    // `resolve` asks for the current folder, which may have been deleted
    throw describeReadError(path, error);
  }
}

/** `1.5 KB`, as messages about files write it. */
export function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_024 ** 2 ? `${(bytes / 1_024).toFixed(1)} KB` : `${(bytes / 1_024 ** 2).toFixed(1)} MB`;
}

function openRegularFile(path: string, absolute: string): number {
  const stats = statsOf(path, absolute);
  if (stats === undefined) throw createError("fileNotFound", [path]);
  refuseUnlessRegular(path, stats);
  let file: number;
  try {
    // without O_NONBLOCK, a pipe that took the file's place just now would wait for its writer
    file = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw describeReadError(path, error);
  }
  try {
    refuseUnlessRegular(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function refuseUnlessRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw createError("fileIsFolder", [path]);
  const kind: ErrorDetailKey = stats.isFIFO() ? "namedPipe" : stats.isSocket() ? "socket" : "device";
  throw createError("fileNotRegular", [path, errorDetail(kind)]);
}

/** Undefined if there is more. */
function readAtMost(file: number, maxBytes: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const read = readSync(file, chunk, 0, CHUNK_BYTES, total);
    if (read === 0) return Buffer.concat(chunks, total);
    chunks.push(chunk.subarray(0, read));
    total += read;
  }
  return undefined;
}

/** What the system answers for names that no file can have. */
const CANNOT_EXIST = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "ERR_INVALID_ARG_VALUE"]);

function statsOf(path: string, absolute: string): Stats | undefined {
  try {
    return statSync(absolute);
  } catch (error) {
    if (CANNOT_EXIST.has(codeOf(error) ?? "")) return undefined;
    throw describeReadError(path, error);
  }
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function describeReadError(path: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  if (code === "EACCES" || code === "EPERM") return createError("fileNotAllowed", [path], { cause: error });
  return createError("fileUnreadable", [path, code === "ENOENT" ? errorDetail("noCurrentFolder") : messageOf(error)], {
    cause: error,
  });
}

/** First bytes, in hexadecimal, that identify a kind of file. */
const SIGNATURES: readonly (readonly [bytes: string, kind: ErrorDetailKey])[] = [
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
export function textInBytes(bytes: Uint8Array, origin: LocalizedText): string {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const [, known] = SIGNATURES.find(([signature]) => head.startsWith(signature)) ?? [];
  const text = known === undefined ? decodeText(bytes) : undefined;
  if (text === undefined) throw createError("fileNotText", [origin, errorDetail(known ?? "binaryData")]);
  return text;
}

/**
 * Writes a text into a new file that a user named, readable by its owner alone. The file appears whole or not at all: a full disk leaves
 * no empty file behind that would block the next attempt, and an existing file is never overwritten.
 * @returns the absolute path
 * @throws GptOssError `storage-failed` or `disk-full` that names the file and the problem
 */
export function writeNewUserFile(path: string, text: string, folder?: string): string {
  const target = resolveUserPath(path, folder);
  if (target.includes("\0")) throw createError("fileNotWritten", [path, errorDetail("nameInvalid")]);
  // the random part comes first, so that a long name still fits
  const draft = join(dirname(target), `.${randomUUID().slice(0, 8)}-${basename(target).slice(0, 40)}.tmp`);
  try {
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw createError("fileExists", [target]);
    writeDraft(draft, text);
    try {
      publish(draft, target, text);
    } finally {
      rmSync(draft, { force: true });
    }
    return target;
  } catch (error) {
    throw describeWriteError(target, error);
  }
}

/** Leaves no file behind when it fails. */
function writeDraft(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  let isWhole = false;
  try {
    writeFileSync(file, text);
    fsyncSync(file);
    isWhole = true;
  } finally {
    closeSync(file);
    if (!isWhole) rmSync(path, { force: true });
  }
}

/** A hard link fails where a file has the name already; a rename would replace it. */
function publish(draft: string, target: string, text: string): void {
  try {
    linkSync(draft, target);
  } catch (error) {
    // exFAT and some network file systems have no hard links
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(systemCodeOf(error) ?? "")) throw error;
    writeDraft(target, text);
  }
}

function describeWriteError(target: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  const cause = { cause: error };
  switch (code) {
    case "EEXIST":
      return createError("fileExists", [target], cause);
    case "ENOSPC":
    case "EDQUOT":
      return createError("diskFullForFile", [target], cause);
    case "ENOENT":
    case "ENOTDIR":
      return createError("fileNotWritten", [target, errorDetail("noSuchFolder", dirname(target))], cause);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return createError("fileNotWritten", [target, errorDetail("folderNotWritable", dirname(target))], cause);
    case "ENAMETOOLONG":
      return createError("fileNotWritten", [target, errorDetail("nameTooLong")], cause);
    default:
      return createError("fileNotWritten", [target, messageOf(error)], cause);
  }
}
