import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, openSync, closeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, interrupted, systemCodeOf } from "../errors.ts";
import { serverArguments, type ServerSettings } from "./arguments.ts";
import { failureReason } from "./failure-reason.ts";

const POLL_MS = 15;
const STOP_GRACE_MS = 5_000;

export interface StartServerOptions {
  /** Path of the llama-server program. */
  readonly program: string;
  readonly settings: ServerSettings;
  /** Everything the server says goes here; the file is written anew at each start. */
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** How far the model is loaded, 0 to 1. */
  readonly onLoading?: (fraction: number) => void;
}

/** A llama-server that this process started and owns. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  readonly apiKey: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the server has ended, whatever the reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts llama-server on loopback with a random API key and resolves when the model is loaded.
 * It ends with this process: on `stop()`, at a normal exit, and, if this process is killed, when its standard input closes.
 * @throws GptOssError `server-failed` with the log's own reason, `server-missing` when the program can't be run
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { logFile, settings, signal } = options;
  if (signal?.aborted) throw interrupted("starting the server");
  const apiKey = randomBytes(24).toString("base64url");
  const { child, ended } = spawnServer(options, apiKey);
  const stop = () => stopServer(child, ended);
  try {
    const url = await waitUntilListening(options, child, ended);
    return { url, apiKey, pid: child.pid ?? 0, logFile, ended, stop };
  } catch (error) {
    await stop();
    if (signal?.aborted) throw interrupted("starting the server");
    if (systemCodeOf(error) === undefined) throw error;
    throw new GptOssError("server-missing", `${options.program} could not be started for ${settings.alias}.`, {
      hint: "Run npx gpt-oss setup, or name another server with --llama-server PATH.",
      cause: error,
    });
  }
}

function spawnServer({ program, settings, logFile, environment }: StartServerOptions, apiKey: string) {
  mkdirSync(dirname(logFile), { recursive: true });
  // the server writes its log itself: a pipe through us would stop it whenever we are busy
  const log = openSync(logFile, "w", 0o600);
  const child = spawn(program, [...serverArguments(settings)], {
    stdio: ["pipe", log, log],
    // its own process group, so that Ctrl-C in the terminal reaches us alone
    detached: true,
    // with a router port in its environment llama-server ends when its standard input closes, that is, when we are gone
    env: { ...environment, LLAMA_API_KEY: apiKey, LLAMA_SERVER_ROUTER_PORT: "1" },
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // the server went first
  const killAtExit = () => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const ended = new Promise<void>((resolve) => {
    const settle = () => {
      process.off("exit", killAtExit);
      resolve();
    };
    child.once("exit", settle);
    child.once("error", settle);
  });
  return { child, ended };
}

/** Watches the log for the address, which llama-server writes when the model is loaded. */
async function waitUntilListening(
  options: StartServerOptions,
  child: ChildProcess,
  ended: Promise<void>,
): Promise<string> {
  const { logFile, settings, signal, onLoading } = options;
  let failure: Error | undefined;
  child.once("error", (error) => (failure = error));
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const finished = over;
    const log = await readFile(logFile, "utf8");
    const url = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1];
    if (url !== undefined && !finished) return url;
    if (failure !== undefined) throw failure;
    if (signal?.aborted) throw interrupted("starting the server");
    if (finished) throw serverFailed(settings, log, logFile);
    const fraction = [...log.matchAll(/"value":([\d.]+)\}/g)].at(-1)?.[1];
    if (fraction !== undefined) onLoading?.(Number(fraction));
    await sleep(POLL_MS);
  }
}

function serverFailed({ alias }: ServerSettings, log: string, logFile: string): GptOssError {
  const reason = failureReason(log) ?? "it gave no reason";
  return new GptOssError("server-failed", `llama-server could not load ${alias}: ${reason}.`, {
    hint: `Its log is ${logFile}.`,
  });
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  // it waits for the end of its standard input too, even after SIGTERM
  child.stdin?.destroy();
  child.kill("SIGTERM");
  const patience = new AbortController();
  const late = sleep(STOP_GRACE_MS, "late", { signal: patience.signal, ref: false }).catch(() => "cancelled");
  if ((await Promise.race([ended, late])) === "late") child.kill("SIGKILL");
  await ended;
  patience.abort();
}
