import type { Entries } from "../catalogue.ts";

/** Problems with files that a user names, to read or to write. */
export const files = {
  fileNotFound: (path: string) => ({ code: "usage", message: `File not found: ${path}.` }),
  fileIsFolder: (path: string) => ({ code: "usage", message: `${path} is a folder, not a file.` }),
  fileNotRegular: (path: string, kind: string) => ({
    code: "usage",
    message: `${path} is ${kind}, not a regular file.`,
    hint: "Save its content in a file first.",
  }),
  fileTooLarge: (path: string, size: string, limit: string) => ({
    code: "usage",
    message: `${path} is too large: ${size}. The limit is ${limit}.`,
  }),
  fileNotText: (path: string, kind: string) => ({
    code: "usage",
    message: `${path} is ${kind}, not a text file.`,
  }),
  fileNotAllowed: (path: string) => ({ code: "usage", message: `You don't have permission to read ${path}.` }),
  fileUnreadable: (path: string, reason: string) => ({ code: "usage", message: `Can't read ${path}: ${reason}.` }),
  fileExists: (path: string) => ({
    code: "storage-failed",
    message: `${path} already exists.`,
    hint: "Choose another file name.",
  }),
  diskFullForFile: (path: string) => ({
    code: "disk-full",
    message: `The disk is full: ${path} was not written.`,
    hint: "Free some space, or choose a folder on another disk.",
  }),
  fileNotWritten: (path: string, reason: string) => ({
    code: "storage-failed",
    message: `Can't write ${path}: ${reason}.`,
    hint: "Choose a new file in a folder that you can write to.",
  }),
  currentFolderGone: () => ({
    code: "usage",
    message: "The current folder no longer exists.",
    hint: "Change to another folder first.",
  }),
  outputFailed: (reason: string) => ({ code: "storage-failed", message: `write error: ${reason}` }),
} satisfies Entries;
