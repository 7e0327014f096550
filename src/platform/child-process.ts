import { spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { type ChildEnvironment, childEnvironment } from "./child-environment.ts";

const LAST_LINES = 40;
const GRACE_MS = 3_000;

/** One program call, as it is run and as a plan shows it. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
}

export interface RunOptions {
  readonly folder?: string;
  readonly environment: ChildEnvironment;
  readonly signal?: AbortSignal | undefined;
  /** Text for the program's standard input. */
  readonly input?: string;
  /** Every line of standard output and standard error when it arrives (`\r` ends a line too). */
  readonly onLine?: (line: string) => void;
  /** Appends all output to this file. */
  readonly logFile?: string;
  /** It may ask the user something, as sudo does: it shares our terminal, and Ctrl-C reaches it too. */
  readonly onTerminal?: boolean;
  /** Stops the program when it has said nothing for this long. */
  readonly silenceMs?: number;
}

export interface CommandResult {
  /** Exit status; -1 when the program could not be started or was ended by a signal. */
  readonly status: number;
  readonly stdout: string;
  /** The last 40 lines of both streams. */
  readonly lastLines: readonly string[];
}

/**
 * Runs a program in a process group of its own, so that stopping it stops everything it started.
 * A program that fails, or does not exist, is a result and not an exception.
 * @throws GptOssError `interrupted` when `signal` aborts; the whole group is gone by then
 */
export async function runCommand(command: Command, options: RunOptions): Promise<CommandResult> {
  if (options.signal?.aborted) throw createError("interrupted", [command.program]);
  const child = spawn(command.program, [...command.arguments], {
    cwd: options.folder,
    env: options.environment,
    detached: !options.onTerminal,
    stdio: [options.onTerminal ? "inherit" : "pipe", "pipe", "pipe"],
  });
  const log = options.logFile ? createWriteStream(options.logFile, { flags: "a" }) : undefined;
  log?.on("error", () => undefined); // a full disk under the log must not fail the build
  const lastLines: string[] = [];
  let stdout = "";
  let lastSaid = performance.now();
  const onLine = (line: string) => {
    lastSaid = performance.now();
    lastLines.push(line);
    if (lastLines.length > LAST_LINES) lastLines.shift();
    log?.write(line + "\n");
    options.onLine?.(line);
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const reading = [child.stdout, child.stderr].flatMap((stream) => (stream ? [readLines(stream, onLine)] : []));
  child.stdin?.on("error", () => undefined); // a program may end without reading its input
  child.stdin?.end(options.input);

  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null) return;
    if (options.onTerminal) child.kill(signal);
    else killGroup(child.pid, signal);
  };
  const onAbort = () => {
    kill("SIGTERM");
    setTimeout(() => kill("SIGKILL"), GRACE_MS).unref();
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const jobControl = options.onTerminal ? undefined : followJobControl(kill);
  const onExit = () => kill("SIGKILL");
  process.once("exit", onExit);
  const watchdog = options.silenceMs === undefined ? undefined : watchSilence(options.silenceMs, () => lastSaid, kill);
  try {
    const status = await new Promise<number>((resolve) => {
      child.once("error", (error) => {
        onLine(error.message);
        resolve(-1);
      });
      child.once("close", (code) => resolve(code ?? -1));
    });
    await Promise.all(reading);
    if (options.signal?.aborted) {
      // those of the group that ignored SIGTERM
      if (child.pid !== undefined && !options.onTerminal) killGroup(child.pid, "SIGKILL");
      throw createError("interrupted", [command.program]);
    }
    return { status, stdout, lastLines };
  } finally {
    clearInterval(watchdog);
    jobControl?.[Symbol.dispose]();
    options.signal?.removeEventListener("abort", onAbort);
    process.off("exit", onExit);
    if (log) await new Promise((resolve) => log.end(resolve));
  }
}

/** Ctrl-Z stops the program too, and `fg` continues it: it has a process group of its own, which the terminal does not know. */
function followJobControl(kill: (signal: NodeJS.Signals) => void): Disposable {
  const onStop = () => {
    kill("SIGSTOP");
    process.kill(process.pid, "SIGSTOP");
  };
  const onContinue = () => kill("SIGCONT");
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", onContinue);
  return {
    [Symbol.dispose]() {
      process.off("SIGTSTP", onStop);
      process.off("SIGCONT", onContinue);
    },
  };
}

function watchSilence(limit: number, lastSaid: () => number, kill: (signal: NodeJS.Signals) => void): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (performance.now() - lastSaid() > limit) kill("SIGTERM");
  }, 500);
  timer.unref();
  return timer;
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  // progress meters end their lines with \r alone, which readline takes for a line end as well
  for await (const line of createInterface({ input: stream, crlfDelay: 0 })) {
    if (line.trim() !== "") onLine(line);
  }
}

/** Ends a whole process group; one that is already gone is fine. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (systemCodeOf(error) !== "ESRCH") throw error;
  }
}

/**
 * Ends the process groups that another process of this user has started by `runCommand`. A process that is stopped can't end
 * them itself, and they go on.
 */
export function endChildrenOf(parent: number): void {
  for (const child of childrenOf(parent)) killGroup(child, "SIGKILL");
}

function childrenOf(parent: number): readonly number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,pid="], {
    encoding: "utf8",
    env: childEnvironment("build", { PATH: "/usr/bin:/bin" }),
  });
  const pairs = (stdout ?? "").split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([ppid, pid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}

/** A command line that can be pasted into a shell. */
export function formatCommand(command: Command): string {
  return [command.program, ...command.arguments].map(quote).join(" ");
}

/** Quotes a word so that a shell reads it unchanged. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function quote(word: string): string {
  return /^[\w@%+=:,./~$-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
