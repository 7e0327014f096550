import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../../setup/make-folder.ts";
import type { Environment } from "../../../setup/folders.ts";
import { withLock } from "../../../setup/lock.ts";
import { packageFile } from "../../../setup/package-folder.ts";
import { childEnvironment } from "../../platform/child-environment.ts";
import { failed, reason } from "../../failures/failure.ts";
import { PROTOCOL_VERSION } from "../supervisor/protocol.ts";
import { makeRuntimeFolder, type RuntimePaths, runtimePaths } from "../supervisor/runtime-folder.ts";
import { openConnection, type SupervisorConnection } from "./connection.ts";

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
    const started = await withLock(paths.lock, reason("startingSupervisor"), signal, async () => {
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
  throw failed("otherVersionInUse", [version, reply.leases, pid]);
}

async function startSupervisor(paths: RuntimePaths, options: ReachOptions): Promise<SupervisorConnection> {
  const logFile = join(options.cache, "logs", "supervisor.log");
  const child = spawnSupervisor(paths.socket, logFile, options);
  let ending: string | undefined;
  child.once("error", (error) => (ending = error.message));
  child.once("exit", (status, signal) => (ending ??= `it ended with ${signal ?? `status ${status}`}`));
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    if (options.signal?.aborted) throw failed("interrupted", [reason("startingSupervisor")]);
    const connection = await openConnection(paths);
    if (connection) return connection;
    if (ending !== undefined) break;
  }
  const said = lastLine(logFile);
  throw failed("noSupervisor", [said ?? ending ?? reason("notListening"), logFile]);
}

/** Detached, in no folder of the user's, and not waited for: it outlives whoever started it. */
function spawnSupervisor(socketPath: string, logFile: string, { environment }: ReachOptions): ChildProcess {
  const log = openLog(logFile);
  try {
    const child = spawn(process.execPath, [packageFile("dist/src/server/supervisor/main.js"), socketPath], {
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

/** A log that can't be written is no reason not to start. */
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
    return undefined; // there is no log
  }
}
