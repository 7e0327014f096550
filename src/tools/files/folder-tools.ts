import { z } from "zod";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { ToolFailure } from "../failure.ts";
import type { ToolFolder } from "./tool-folder.ts";

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
/** The text for the model, or the sentence of a ToolFailure. */
export type FolderAnswer = z.infer<typeof answerSchema>;

const TIME_MS = 15_000;
/** One step, such as a disk that hangs, may take longer than the time. */
const MOST_MS = 20_000;

/** Lists what is in the folder, with sizes, in a thread with a time limit. */
export function listFilesTool(folder: ToolFolder): AgentTool {
  return defineTool({
    name: "list_files",
    description: "Lists files and folders with their sizes, folders in folders too. Links are named and not followed.",
    schema: z.object({ path: z.string().optional().describe("a folder; everything when left out") }),
    run: async ({ path = "." }, signal) => await runFolderTask(folder, { path }, signal),
  });
}

/** Finds text in the files of the folder: plain text and no pattern, in a thread with a time limit. */
export function searchFilesTool(folder: ToolFolder, timeMs?: number): AgentTool {
  return defineTool({
    name: "search_files",
    description:
      "Finds lines of text files that contain a text, upper and lower case alike. Gives file, line number and line.",
    schema: z.object({
      query: z.string().min(1).describe("plain text, no pattern"),
      path: z.string().optional().describe("a folder; everything when left out"),
    }),
    run: async ({ query, path = "." }, signal) => await runFolderTask(folder, { query, path, timeMs }, signal),
  });
}

/** @throws ToolFailure with a sentence for the model, or the reason of the signal */
async function runFolderTask(
  folder: ToolFolder,
  {
    timeMs = TIME_MS,
    ...task
  }: { readonly path: string; readonly query?: string; readonly timeMs?: number | undefined },
  signal: AbortSignal | undefined,
): Promise<string> {
  const input: FolderTask = { root: folder.root, timeMs, ...task };
  try {
    const limits = { timeLimitMs: timeMs + MOST_MS - TIME_MS, signal };
    const answer = answerSchema.parse(await runInWorker("src/tools/files/folder-tasks.worker.ts", input, limits));
    if ("text" in answer) return answer.text;
    throw new ToolFailure(answer.failure);
  } catch (error) {
    if (!(error instanceof WorkerStoppedError)) throw error;
    const what = error.reason === "out-of-memory" ? "needed too much memory" : "took too long";
    throw new ToolFailure(`This ${what}. Name a smaller folder.`, { cause: error });
  }
}
