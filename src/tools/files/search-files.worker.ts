import { answerInWorker } from "../../platform/answer-in-worker.ts";
import { ToolError } from "../tool-result.ts";
import type { FolderAnswer, FolderTask } from "./file-tools.ts";
import { listFiles, searchFiles } from "./search-files.ts";
import { ToolFolder } from "./tool-folder.ts";

await answerInWorker(async ({ root, path, query, timeMs }: FolderTask): Promise<FolderAnswer> => {
  const folder = ToolFolder.at(root);
  const deadline = performance.now() + timeMs;
  try {
    const text = await (query === undefined
      ? listFiles(folder, path, deadline)
      : searchFiles(folder, { path, query, deadline }));
    return { text };
  } catch (error) {
    if (error instanceof ToolError) return { failure: error.message };
    throw error;
  }
});
