import { join } from "node:path";
import type { ApprovalGate } from "../approval.ts";
import type { AgentTool } from "../define-tool.ts";
import type { ToolFolder } from "../files/tool-folder.ts";
import { applyPatchTool } from "./apply-patch.ts";
import { FileTransactions } from "./file-transaction.ts";
import { repoBrowserTools } from "./repo-browser.ts";

export interface CodeToolsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's data folder, for the journals of changes. */
  readonly dataFolder: string;
}

/** The tools with which gpt-oss works on a project: it reads files freely, and asks before it changes any. */
export async function openCodeTools(
  folder: ToolFolder,
  gate: ApprovalGate,
  { environment, dataFolder }: CodeToolsOptions,
): Promise<AgentTool[]> {
  const transactions = new FileTransactions(join(dataFolder, "patches"));
  await transactions.recover(folder);
  return [...repoBrowserTools(folder, { environment }), applyPatchTool({ folder, gate, transactions })];
}
