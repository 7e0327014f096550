import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { childEnvironment } from "../../platform/child-environment.ts";
import type { ApprovalGate } from "../approval.ts";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { ToolFailure, ToolRefusal } from "../failure.ts";
import type { ToolFolder } from "../files/tool-folder.ts";
import { runProgram } from "./run-program.ts";

const TIME_LIMIT_MS = 60_000;
const MOST_CHARACTERS = 8_000;

export interface RunCommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; a minute by default. */
  readonly timeLimitMs?: number | undefined;
}

/** Runs one program in the folder, each time only after a person has said yes. The program itself is not confined to the folder. */
export function runCommandTool(
  folder: ToolFolder,
  gate: ApprovalGate,
  { environment, timeLimitMs = TIME_LIMIT_MS }: RunCommandOptions,
): AgentTool {
  return defineTool({
    name: "run_command",
    description: `Runs one program in the user's folder, without a shell: no pipes, no wildcards, no variables. It gets no input and ${timeLimitMs / 1_000} seconds. The user is asked each time and may refuse.`,
    schema: z.object({
      program: z.string().min(1).describe("such as git"),
      arguments: z.array(z.string()).optional().describe('one string an argument, such as ["log", "--oneline"]'),
    }),
    async run({ program, arguments: words = [] }, signal) {
      if ([program, ...words].some((word) => word.includes("\0"))) {
        throw new ToolFailure("A command can't hold a NUL character.");
      }
      const allowed = await gate({
        tool: "run_command",
        question: { en: "Run this command?", ja: "このコマンドを実行しますか？" },
        detail: [program, ...words].map(quote).join(" "),
        scope: undefined,
        signal,
      });
      if (!allowed) throw new ToolRefusal("The user refused. Nothing was run.");
      const result = await runProgram(program, words, {
        folder: folder.root,
        environment: childEnvironment("command", environment, { TERM: "dumb" }),
        timeLimitMs,
        mostCharacters: MOST_CHARACTERS,
        signal,
      });
      signal?.throwIfAborted();
      if (result.ended === "not-started") throw new ToolFailure(`The program did not start: ${result.status}.`);
      const how = result.ended === "killed" ? `stopped after ${timeLimitMs / 1_000} seconds` : `exit ${result.status}`;
      const note = result.dropped > 0 ? `[cut: the first ${result.dropped} characters are left out]\n` : "";
      return `[${how}]\n${note}${stripVTControlCharacters(result.output)}`;
    },
  });
}

/** As one would type it, on one line, so that the person sees where an argument begins and ends. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\n\r\t]/.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${word.replaceAll(/[\n\r\t'\\]/g, (character) => ESCAPES[character] ?? character)}'`;
}
/** Of the quotes of bash and zsh that take them. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`,
  "'": String.raw`\'`,
  "\\": String.raw`\\`,
};
