import { answerInWorker } from "../../platform/answer-in-worker.ts";
import type { FolderAnswer } from "../files/file-tools.ts";
import { ToolFolder } from "../files/tool-folder.ts";
import { ToolError } from "../tool-result.ts";
import { type BrowseTask, printTree, searchProject } from "./browse-folder.ts";

await answerInWorker(async (task: BrowseTask): Promise<FolderAnswer> => {
  const folder = ToolFolder.at(task.root);
  const deadline = performance.now() + task.timeMs;
  try {
    return { text: await (task.query === undefined ? printTree : searchProject)(folder, task, deadline) };
  } catch (error) {
    if (error instanceof ToolError) return { failure: error.message };
    throw error;
  }
});
