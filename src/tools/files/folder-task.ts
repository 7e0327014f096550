import { z } from "zod";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
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

/** @throws ToolFailure with a sentence for the model, or the reason of the signal */
export async function runFolderTask(
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
