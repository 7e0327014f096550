import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createPatch } from "diff";
import { z } from "zod";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import { beginningOf } from "../../terminal/unicode.ts";
import type { ApprovalGate, Question } from "../approval.ts";
import { type AgentTool, createTool } from "../define-tool.ts";
import { RESULT_BYTES, ToolError, ToolRefusal } from "../tool-result.ts";
import { changesWhatRuns } from "./program-files.ts";
import { lineRanges } from "./search-files.ts";
import { readText, type ToolFolder } from "./tool-folder.ts";

/** What the note at the end of a page takes. */
const NOTE_BYTES = 200;

/** Reads a text file of the folder, with its line numbers, a page at a time. */
export function readFileTool(folder: ToolFolder): AgentTool {
  return createTool({
    name: "read_file",
    description: "Reads a text file. Lines come with their numbers; of a long file a page comes, and where to read on.",
    schema: z.object({
      path: z.string().describe("from the folder on, such as docs/notes.md"),
      from_line: z.number().int().min(1).optional().describe("where to begin; 1 when left out"),
    }),
    async run({ path, from_line: from = 1 }) {
      const handle = await folder.openFile(path);
      try {
        return pageOf(await readText(handle, path), from);
      } finally {
        await handle.close();
      }
    },
  });
}

/** As many numbered lines as fit, and a note where the rest begins. */
export function pageOf(text: string, from: number, bytes: number = RESULT_BYTES - NOTE_BYTES): string {
  if (text === "") return "[the file is empty]";
  const page: string[] = [];
  let left = bytes;
  let number = 0;
  for (const { start, end } of lineRanges(text)) {
    number++;
    if (number < from || left <= 0) continue;
    const line = `${number}\t${text.slice(start, Math.min(end, start + left))}`;
    const size = Buffer.byteLength(line) + 1;
    if (size <= left && end - start <= left) {
      page.push(line);
      left -= size;
    } else {
      // a line that no page could hold is cut
      if (page.length === 0) page.push(`${beginningOf(line, left)} [the rest of line ${number} is cut]`);
      left = 0;
    }
  }
  if (from > number) throw new ToolError(`The file has ${number} lines.`);
  const next = from + page.length;
  return next > number ? page.join("\n") : [...page, `[cut: read on with from_line ${next} of ${number}]`].join("\n");
}

/** What looks at a whole folder, which can hold any number of files of any size: it runs in a thread that can be ended. */
export interface FolderTask {
  /** Where the folder really is. */
  readonly root: string;
  readonly path: string;
  /** Text to search for; undefined to list the folder. */
  readonly query?: string | undefined;
  /** Milliseconds after which what was found so far is the answer. */
  readonly timeMs: number;
}

const answerSchema = z.union([z.object({ text: z.string() }), z.object({ failure: z.string() })]);
/** The text for the model, or the sentence of a ToolError. */
export type FolderAnswer = z.infer<typeof answerSchema>;

/** Milliseconds after which what was found in a folder so far is the answer. */
export const TIME_MS = 15_000;
/** One step, such as a disk that hangs, may take longer than the time. */
const MOST_MS = 20_000;

/** Lists what is in the folder, with sizes, in a thread with a time limit. */
export function listFilesTool(folder: ToolFolder): AgentTool {
  return createTool({
    name: "list_files",
    description: "Lists files and folders with their sizes, folders in folders too. Links are named and not followed.",
    schema: z.object({ path: z.string().optional().describe("a folder; everything when left out") }),
    run: async ({ path = "." }, signal) => await runSearch(folder, { path }, signal),
  });
}

/** Finds text in the files of the folder: plain text and no pattern, in a thread with a time limit. */
export function searchFilesTool(folder: ToolFolder, timeMs?: number): AgentTool {
  return createTool({
    name: "search_files",
    description:
      "Finds lines of text files that contain a text, upper and lower case alike. Gives file, line number and line.",
    schema: z.object({
      query: z.string().min(1).describe("plain text, no pattern"),
      path: z.string().optional().describe("a folder; everything when left out"),
    }),
    run: async ({ query, path = "." }, signal) => await runSearch(folder, { query, path, timeMs }, signal),
  });
}

async function runSearch(
  folder: ToolFolder,
  {
    timeMs = TIME_MS,
    ...task
  }: { readonly path: string; readonly query?: string; readonly timeMs?: number | undefined },
  signal: AbortSignal | undefined,
): Promise<string> {
  const input: FolderTask = { root: folder.root, timeMs, ...task };
  return await runFolderTask("src/tools/files/search-files.worker.ts", input, signal);
}

/**
 * Runs work on a whole folder in a thread.
 * @throws ToolError with a sentence for the model, or the reason of the signal
 */
export async function runFolderTask(
  worker: string,
  input: { readonly timeMs: number },
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const limits = { timeLimitMs: input.timeMs + MOST_MS - TIME_MS, signal };
    const answer = answerSchema.parse(await runInWorker(worker, input, limits));
    if ("text" in answer) return answer.text;
    throw new ToolError(answer.failure);
  } catch (error) {
    if (!(error instanceof WorkerStoppedError)) throw error;
    const what = error.reason === "out-of-memory" ? "needed too much memory" : "took too long";
    throw new ToolError(`This ${what}. Name a smaller folder.`, { cause: error });
  }
}

const MOST_BYTES = 1_000_000;
/** Where two files have nothing in common, the new one is shown. */
const DIFF_MS = 300;

/** Writes a text file of the folder when a person has seen what changes and said yes. */
export function writeFileTool(folder: ToolFolder, gate: ApprovalGate): AgentTool {
  return createTool({
    name: "write_file",
    description: "Writes a text file, with all of its new content. The user is shown what changes and may refuse.",
    schema: z.object({
      path: z.string().describe("from the folder on, such as docs/notes.md"),
      content: z.string().describe("the whole file"),
    }),
    async run({ path, content }, signal) {
      if (Buffer.byteLength(content) > MOST_BYTES) throw new ToolError(`At most ${MOST_BYTES} bytes can be written.`);
      const target = await folder.locateForWriting(path);
      const before = await currentText(folder, target);
      if (before === content) return `${folder.show(target)} already has this content.`;
      const runs = changesWhatRuns(folder.root, target) || (await isExecutable(target));
      const allowed = await gate({
        tool: "write_file",
        question: questionOf(folder.show(target), { isNew: before === undefined, runs }),
        detail: describeChange(folder.show(target), before, content),
        // asked for by itself, whatever was allowed before
        scope: runs ? undefined : "write_file",
        signal,
      });
      if (!allowed) throw new ToolRefusal("The user refused. Nothing was written.");
      await replaceFile(folder, { path, target, before, content });
      return `${folder.show(target)} was written: ${Buffer.byteLength(content)} bytes.`;
    },
  });
}

/** Undefined when there is no file yet. */
async function currentText(folder: ToolFolder, target: string): Promise<string | undefined> {
  if ((await stat(target).catch(() => undefined)) === undefined) return undefined;
  const handle = await folder.openFile(target);
  try {
    return await readText(handle, folder.show(target));
  } finally {
    await handle.close();
  }
}

function questionOf(name: string, { isNew, runs }: { readonly isNew: boolean; readonly runs: boolean }): Question {
  const en = `${isNew ? "Write the new file" : "Change"} ${name}?`;
  const ja = isNew ? `新しいファイル ${name} を書き込みますか？` : `${name} を変更しますか？`;
  if (!runs) return { en, ja };
  return {
    en: `${name} can run programs, or change which programs run. ${en}`,
    ja: `${name} はプログラムを実行したり、実行されるプログラムを変えたりすることがあります。${ja}`,
  };
}

export async function isExecutable(target: string): Promise<boolean> {
  const found = await stat(target).catch(() => undefined); // it may well not exist yet
  return found !== undefined && (found.mode & 0o111) !== 0;
}

function describeChange(name: string, before: string | undefined, content: string): string {
  // the first two lines of a patch name a file that is named in the question
  const patch = createPatch(name, before ?? "", content, "", "", { context: 3, timeout: DIFF_MS });
  return patch === undefined ? content : patch.split("\n").slice(4).join("\n");
}

interface Change {
  readonly path: string;
  readonly target: string;
  readonly before: string | undefined;
  readonly content: string;
}

/** Writes beside the file and puts it in its place at once: never half a file, and never through a link. */
async function replaceFile(folder: ToolFolder, { path, target, before, content }: Change): Promise<void> {
  await folder.makeFolderOf(target);
  // the person agreed to one change of one file: both have to be what they were
  if ((await folder.locateForWriting(path)) !== target || (await currentText(folder, target)) !== before) {
    throw new ToolError(`${folder.show(target)} was changed by someone else meanwhile. Read it again.`);
  }
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(temporary, flags, mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    if ((await folder.locate(temporary)) !== temporary) throw new ToolError(`${folder.show(target)} was moved.`);
    await rename(temporary, target);
  } catch (error) {
    await handle.close().catch(() => undefined); // it may be closed already
    await rm(temporary, { force: true });
    throw error;
  }
}
