import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { StringDecoder } from "node:string_decoder";
import type { ChildEnvironment } from "../../platform/child-environment.ts";
import { ProcessTree } from "./process-tree.ts";

export interface ProgramOptions {
  readonly folder: string;
  readonly environment: ChildEnvironment;
  readonly timeLimitMs: number;
  /** Of standard output and standard error together; what comes first is dropped. */
  readonly mostCharacters: number;
  readonly signal?: AbortSignal | undefined;
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
  { folder, environment, timeLimitMs, mostCharacters, signal }: ProgramOptions,
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
      output.push(decoder.write(chunk));
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
