import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf, systemCodeOf } from "../errors/errors.ts";
import { failed, reason } from "../i18n/error-messages.ts";
import { resolveUserPath } from "./user-file.ts";

/**
 * Writes a text into a new file that a user named, readable by its owner alone. The file appears whole or not at all: a full disk leaves
 * no empty file behind that would block the next attempt, and an existing file is never overwritten.
 * @returns the absolute path
 * @throws GptOssError `storage-failed` or `disk-full` that names the file and the problem
 */
export function writeNewUserFile(path: string, text: string, folder?: string): string {
  const target = resolveUserPath(path, folder);
  if (target.includes("\0")) throw failed("fileNotWritten", [path, reason("nameInvalid")]);
  // the random part comes first, so that a long name still fits
  const draft = join(dirname(target), `.${randomUUID().slice(0, 8)}-${basename(target).slice(0, 40)}.tmp`);
  try {
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw failed("fileExists", [target]);
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
      return failed("fileExists", [target], cause);
    case "ENOSPC":
    case "EDQUOT":
      return failed("diskFullForFile", [target], cause);
    case "ENOENT":
    case "ENOTDIR":
      return failed("fileNotWritten", [target, reason("noSuchFolder", dirname(target))], cause);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return failed("fileNotWritten", [target, reason("folderNotWritable", dirname(target))], cause);
    case "ENAMETOOLONG":
      return failed("fileNotWritten", [target, reason("nameTooLong")], cause);
    default:
      return failed("fileNotWritten", [target, messageOf(error)], cause);
  }
}
