import { join } from "node:path";
import type { ApprovalGate } from "../approval.ts";
import type { AgentTool } from "../define-tool.ts";
import { textOf, type ToolFolder } from "../files/tool-folder.ts";
import { cutToBudget } from "../tool-result.ts";
import { applyPatchTool } from "./apply-patch.ts";
import { findIsolation } from "../isolation/isolation.ts";
import { containerExecTool } from "./container-exec.ts";
import { FileTransactions } from "./file-transaction.ts";
import { repoBrowserTools } from "./repo-browser.ts";

/** What a project says to agents that work on it. It is read once, and the tools ask whatever it says. */
const AGENTS_FILE = "AGENTS.md";

export interface CodeToolsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Commands that the user has approved in advance, as one would type them. */
  readonly allow: readonly string[];
  /** Told of what a command prints while it runs. */
  readonly onOutput: (text: string) => void;
  /** Called with the path of the project's AGENTS.md, when there is one. */
  readonly onInstructions: (path: string) => void;
  /** The user's data folder, for the journals of changes. */
  readonly dataFolder: string;
}

/** The tools with which gpt-oss works on a project: it reads files freely, and asks before it changes any or runs a command. */
export async function openCodeTools(
  folder: ToolFolder,
  gate: ApprovalGate,
  { dataFolder, ...options }: CodeToolsOptions,
): Promise<{ readonly tools: readonly AgentTool[]; readonly instructions: string | undefined }> {
  const transactions = new FileTransactions(join(dataFolder, "patches"));
  await transactions.recover(folder);
  const isolation = await findIsolation(options.environment);
  const patcher = { folder, gate, transactions };
  const tools = [
    ...repoBrowserTools(folder, options),
    applyPatchTool(patcher),
    containerExecTool(patcher, { ...options, isolation }),
  ];
  const text = (await textOf(folder, AGENTS_FILE))?.trim();
  if (text === undefined || text === "") return { tools, instructions: undefined };
  options.onInstructions(join(folder.root, AGENTS_FILE));
  return { tools, instructions: `# ${AGENTS_FILE} of the project\n\n${cutToBudget(text)}` };
}
