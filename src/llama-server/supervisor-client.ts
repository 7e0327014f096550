import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { childEnvironment } from "../platform/child-environment.ts";
import { makeFolder, type Environment, packageFile } from "../platform/folders.ts";
import { withLock } from "../platform/lock.ts";
import {
  PROTOCOL_VERSION,
  readJsonLines,
  writeJsonLine,
  type Hello,
  helloSchema,
  type Reply,
  replySchema,
  type Request,
} from "./protocol.ts";
import { makeRuntimeFolder, type RuntimePaths, runtimePaths, checkRuntimeFolder } from "./runtime-folder.ts";

/** A new supervisor listens after a fraction of a second; on a machine that is swapping, later. */
const START_MS = 30_000;
const POLL_MS = 15;

export interface ReachOptions {
  readonly cache: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** This user's supervisor if it runs; nothing is started. */
export async function findSupervisor({ cache, environment }: ReachOptions): Promise<SupervisorConnection | undefined> {
  return await openConnection(runtimePaths(environment, cache));
}

/**
 * This user's supervisor, started if none runs. Of several who start one at the same moment, one does (it holds a lock)
 * and the others find it.
 * @throws GptOssError `server-failed` when it does not come up or one of another version is in use, `interrupted`
 */
export async function reachSupervisor(options: ReachOptions): Promise<SupervisorConnection> {
  const { cache, environment, signal } = options;
  const paths = runtimePaths(environment, cache);
  for (;;) {
    const found = await openConnection(paths);
    if (found?.hello.protocol === PROTOCOL_VERSION) return found;
    if (found) await retire(found);
    makeRuntimeFolder(paths);
    const started = await withLock(paths.lock, errorDetail("startingSupervisor"), signal, async () => {
      return (await openConnection(paths)) ?? (await startSupervisor(paths, options));
    });
    if (started.hello.protocol === PROTOCOL_VERSION) return started;
    await started.close();
  }
}

/** A supervisor of another version makes room for ours, unless somebody uses it. */
async function retire(connection: SupervisorConnection): Promise<void> {
  const reply = await connection.ask({ type: "retire" }, "retired", "busy");
  await connection.close();
  if (reply?.type !== "busy") return;
  const { version, pid } = connection.hello;
  throw createError("otherVersionInUse", [version, reply.leases, pid]);
}

async function startSupervisor(paths: RuntimePaths, options: ReachOptions): Promise<SupervisorConnection> {
  const logFile = join(options.cache, "logs", "supervisor.log");
  const child = spawnSupervisor(paths.socket, logFile, options);
  let ending: string | undefined;
  child.once("error", (error) => (ending = error.message));
  child.once("exit", (status, signal) => (ending ??= `it ended with ${signal ?? `status ${status}`}`));
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    if (options.signal?.aborted) throw createError("interrupted", [errorDetail("startingSupervisor")]);
    const connection = await openConnection(paths);
    if (connection) return connection;
    if (ending !== undefined) break;
  }
  const said = lastLine(logFile);
  throw createError("noSupervisor", [said ?? ending ?? errorDetail("notListening"), logFile]);
}

/** Detached, outside the user's folders, and not waited for: it outlives the program that started it. */
function spawnSupervisor(socketPath: string, logFile: string, { environment }: ReachOptions): ChildProcess {
  const log = openLog(logFile);
  try {
    const child = spawn(process.execPath, [packageFile("dist/src/llama-server/supervisor-process.js"), socketPath], {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log],
      env: childEnvironment("supervisor", environment),
    });
    child.unref();
    return child;
  } finally {
    if (log !== "ignore") closeSync(log);
  }
}

/** Without a log, the server starts all the same. */
function openLog(path: string): number | "ignore" {
  try {
    makeFolder(join(path, ".."));
    return openSync(path, "w", 0o600);
  } catch {
    return "ignore";
  }
}

function lastLine(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim().split("\n").at(-1) || undefined;
  } catch {
    return undefined; // the log can't be written
  }
}

/** A supervisor that is alive says hello within milliseconds. */
const HELLO_MS = 10_000;
/** It answers at once, unless it has to end a llama-server first, which takes seconds. */
const REPLY_MS = 30_000;
/** Nobody listens; with EPIPE and ECONNRESET, not any more. */
const NOBODY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** A supervisor that has said hello. */
export class SupervisorConnection {
  readonly hello: Hello;
  /** Resolves when the other side is gone, or we are. */
  readonly closed: Promise<void>;
  onReply: ((reply: Reply) => void) | undefined;
  readonly #socket: Socket;
  readonly #path: string;

  constructor(socket: Socket, hello: Hello, path: string) {
    this.#socket = socket;
    this.#path = path;
    this.hello = hello;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  receive(value: unknown): void {
    const reply = replySchema.safeParse(value);
    if (reply.success) this.onReply?.(reply.data);
  }

  send(request: Request): void {
    writeJsonLine(this.#socket, request);
  }

  /** Sends one request and waits for a reply of one of some types; undefined when the connection closes first. */
  async ask<T extends Reply["type"]>(
    request: Request,
    ...types: readonly T[]
  ): Promise<Extract<Reply, { type: T }> | undefined> {
    const listening = this.onReply;
    const answer = new Promise<Extract<Reply, { type: T }>>((resolve) => {
      this.onReply = (reply) => {
        listening?.(reply);
        if (types.some((type) => type === reply.type)) resolve(reply as Extract<Reply, { type: T }>);
      };
    });
    this.send(request);
    const patience = new AbortController();
    const silent = sleep(REPLY_MS, undefined, { signal: patience.signal }).then(
      () => {
        throw createError("silentSupervisor", [this.#path]);
      },
      () => undefined,
    );
    try {
      return await Promise.race([answer, silent, this.closed.then(() => undefined)]);
    } finally {
      patience.abort();
    }
  }

  async close(): Promise<void> {
    this.#socket.destroySoon();
    await this.closed;
  }
}

/**
 * Connects to this user's supervisor. Nothing is sent before it is certain that only this user can listen there: the folder
 * is checked before connecting, and again once the connection is made, in case it was exchanged in between.
 * @returns undefined when none listens, also when a dead one left its socket
 * @throws GptOssError `server-failed` when other users could listen there, or a supervisor listens and says nothing
 */
export async function openConnection(paths: RuntimePaths): Promise<SupervisorConnection | undefined> {
  if (!checkRuntimeFolder(paths)) return undefined;
  const socket = connect(paths.socket);
  return await new Promise((resolve, reject) => {
    let connection: SupervisorConnection | undefined;
    const silent = setTimeout(() => {
      socket.destroy();
      reject(createError("silentSupervisor", [paths.socket]));
    }, HELLO_MS);
    socket.once("connect", () => {
      try {
        checkRuntimeFolder(paths);
      } catch (error) {
        clearTimeout(silent);
        socket.destroy();
        reject(error);
      }
    });
    readJsonLines(socket, (value) => {
      if (connection) return connection.receive(value);
      const hello = helloSchema.safeParse(value);
      if (!hello.success) return socket.destroy();
      clearTimeout(silent);
      connection = new SupervisorConnection(socket, hello.data, paths.socket);
      resolve(connection);
    });
    socket.on("error", (error) => {
      clearTimeout(silent);
      if (NOBODY.has(systemCodeOf(error) ?? "")) resolve(undefined);
      else reject(error);
    });
    socket.once("close", () => {
      clearTimeout(silent);
      resolve(undefined);
    });
  });
}

export type StatusReply = Extract<Reply, { type: "status" }>;

/** What servers there are and who uses them; undefined when no supervisor runs, which means: none. */
export async function askStatus(options: ReachOptions): Promise<StatusReply | undefined> {
  const connection = await findSupervisor(options);
  if (connection === undefined) return undefined;
  const reply = await connection.ask({ type: "status" }, "status");
  await connection.close();
  return reply;
}

/** Stops every server, also those in use. @returns how many there were */
export async function stopServers(options: ReachOptions): Promise<number> {
  const connection = await findSupervisor(options);
  if (connection === undefined) return 0;
  const reply = await connection.ask({ type: "stop" }, "stopped");
  await connection.close();
  return reply?.servers ?? 0;
}
