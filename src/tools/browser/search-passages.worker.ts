import { answerInWorker } from "../../platform/answer-in-worker.ts";
import type { FolderAnswer } from "../files/file-tools.ts";
import { ToolFolder } from "../files/tool-folder.ts";
import { ToolError } from "../tool-result.ts";
import { type PassageTask, searchPassages } from "./search-passages.ts";

await answerInWorker(async (task: PassageTask): Promise<FolderAnswer> => {
  try {
    const found = await searchPassages(ToolFolder.at(task.root), task, performance.now() + task.timeMs);
    return { text: JSON.stringify(found) };
  } catch (error) {
    if (error instanceof ToolError) return { failure: error.message };
    throw error;
  }
});
