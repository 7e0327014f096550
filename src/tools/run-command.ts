import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { childEnvironment, type ChildEnvironment } from "../platform/child-environment.ts";
import type { ApprovalGate } from "./approval.ts";
import { type AgentTool, createTool } from "./define-tool.ts";
import type { ToolFolder } from "./files/tool-folder.ts";
import { ProcessTree } from "./process-tree.ts";
import { ToolError, ToolRefusal } from "./tool-result.ts";

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
  return createTool({
    name: "run_command",
    description: `Runs one program in the user's folder, without a shell: no pipes, no wildcards, no variables. It gets no input and ${timeLimitMs / 1_000} seconds. The user is asked each time and may refuse.`,
    schema: z.object({
      program: z.string().min(1).describe("such as git"),
      arguments: z.array(z.string()).optional().describe('one string an argument, such as ["log", "--oneline"]'),
    }),
    async run({ program, arguments: words = [] }, signal) {
      if ([program, ...words].some((word) => word.includes("\0"))) {
        throw new ToolError("A command can't hold a NUL character.");
      }
      const allowed = await gate({
        tool: "run_command",
        question: { en: "Run this command?", ja: "このコマンドを実行しますか？" },
        detail: [program, ...words].map(quoteWord).join(" "),
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
      if (result.ended === "not-started") throw new ToolError(`The program did not start: ${result.status}.`);
      const how = result.ended === "killed" ? `stopped after ${timeLimitMs / 1_000} seconds` : `exit ${result.status}`;
      const note = result.dropped > 0 ? `[cut: the first ${result.dropped} characters are left out]\n` : "";
      return `[${how}]\n${note}${stripVTControlCharacters(result.output)}`;
    },
  });
}

/** As one would type it, on one line, so that the person sees where an argument begins and ends. */
export function quoteWord(word: string): string {
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

export interface ProgramOptions {
  readonly folder: string;
  readonly environment: ChildEnvironment;
  readonly timeLimitMs: number;
  /** Of standard output and standard error together; what comes first is dropped. */
  readonly mostCharacters: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of what it prints while it runs. */
  readonly onOutput?: ((text: string) => void) | undefined;
}

export interface ProgramResult {
  readonly ended: "exited" | "killed" | "not-started";
  /** Exit status, the name of the signal that ended it, or why it did not start. */
  readonly status: string;
  readonly output: string;
  /** Characters that were dropped from the beginning of the output. */
  readonly dropped: number;
}

/** How long a program may go on after it was asked to end. */
const GRACE_MS = 500;

/** Runs a program without a shell, and ends whatever it has started with it. */
export async function runProgram(
  program: string,
  words: readonly string[],
  { folder, environment, timeLimitMs, mostCharacters, signal, onOutput }: ProgramOptions,
): Promise<ProgramResult> {
  const tree = new ProcessTree(randomUUID());
  const child = spawn(program, words, {
    cwd: folder,
    env: { ...environment, ...tree.variables },
    shell: false,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) tree.watch(child.pid);
  const output = new Tail(mostCharacters);
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    stream.on("data", (chunk: Buffer) => {
      const text = decoder.write(chunk);
      output.push(text);
      onOutput?.(text);
    });
  }
  let killed = false;
  const end = () => {
    killed = true;
    void endGently(child.pid, tree);
    setTimeout(() => {
      endGroup(child.pid, "SIGKILL");
      // what has left the group may hold the pipes open
      child.stdout.destroy();
      child.stderr.destroy();
    }, GRACE_MS).unref();
  };
  const timer = setTimeout(end, timeLimitMs);
  signal?.addEventListener("abort", end, { once: true });
  try {
    return await new Promise((resolve) => {
      child.on("error", (error) => {
        resolve({ ended: "not-started", status: error.message, output: "", dropped: 0 });
      });
      child.on("close", (code, signalName) => {
        const status = String(code ?? signalName ?? "unknown");
        resolve({ ended: killed ? "killed" : "exited", status, ...output.value });
      });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    // what it left running in the background
    endGroup(child.pid, "SIGKILL");
    await tree.end();
  }
}

/** What it has started is noted first: its parents may be gone afterwards. */
async function endGently(pid: number | undefined, tree: ProcessTree): Promise<void> {
  await tree.note();
  endGroup(pid, "SIGTERM");
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    return; // the whole group has ended
  }
}

/** The end of a long output: that is where errors stand. */
class Tail {
  #text = "";
  #dropped = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  push(text: string): void {
    this.#text += text;
    if (this.#text.length > 2 * this.#most) this.#shorten();
  }

  get value(): { readonly output: string; readonly dropped: number } {
    this.#shorten();
    return { output: this.#text, dropped: this.#dropped };
  }

  #shorten(): void {
    const over = this.#text.length - this.#most;
    if (over <= 0) return;
    this.#text = this.#text.slice(over);
    this.#dropped += over;
  }
}
