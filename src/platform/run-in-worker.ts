import { join } from "node:path";
import { type Transferable, Worker } from "node:worker_threads";
import type { WorkerMessage } from "./answer-in-worker.ts";
import { packageFile, runsFromSource } from "./folders.ts";

export interface WorkerOptions {
  /** How long the work may take, from when the thread has loaded its module. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What of the input is moved into the thread instead of copied, such as a message port. */
  readonly transferList?: readonly Transferable[];
  /** MB of the thread's JavaScript heap; what lies outside of it, such as buffers, is not counted. */
  readonly memoryMb?: number;
}

/** Why a thread gave no answer. */
export type WorkerStopReason = "time-limit" | "out-of-memory" | "ended";

/** The work was stopped, or ended itself with `process.exit` or with a promise that nothing could settle any more. */
export class WorkerStoppedError extends Error {
  override readonly name = "WorkerStoppedError";
  readonly reason: WorkerStopReason;

  constructor(reason: WorkerStopReason) {
    super(`The work in a thread gave no answer: ${reason}.`);
    this.reason = reason;
  }
}

const MEMORY_MB = 512;
/** A thread loads its module in a tenth of a second; on a machine that is swapping, later. */
const START_MS = 30_000;
/** A thread that waits for a program of its own (`execSync`) can't be ended before that program does. */
const END_MS = 2_000;

/**
 * Runs work that may take for ever in a thread of its own and ends that thread, whatever the work does: the event loop of this thread
 * stays free. It limits time and heap. It is not a sandbox: the work has the rights of this process.
 * @param entry a module that calls `answerInWorker`, from the package's root on, such as `src/tools/web/html-text.worker.ts`
 * @param input copied by structured clone, as the answer is
 * @returns the answer, which is as much or as little to be trusted as the work
 * @throws what the work throws, `WorkerStoppedError`, or the reason of the signal
 */
export async function runInWorker(entry: string, input: unknown, options: WorkerOptions): Promise<unknown> {
  const { timeLimitMs, signal, transferList = [], memoryMb = MEMORY_MB } = options;
  signal?.throwIfAborted();
  const worker = new Worker(locateWorker(entry), {
    workerData: input,
    transferList: [...transferList],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    // run from its sources, a thread needs the loader of TypeScript that this process was started with; flags such as
    // --input-type would keep a built one from starting
    ...(runsFromSource ? {} : { execArgv: [] }),
    stdout: true,
    stderr: true,
  });
  // standard output is for answers alone
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  }
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const limit = (milliseconds: number) => {
        clearTimeout(timer);
        timer = setTimeout(reject, milliseconds, new WorkerStoppedError("time-limit"));
      };
      limit(START_MS);
      stop = () => {
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      worker.on("message", (message: WorkerMessage) => {
        if (message.type === "begins") limit(timeLimitMs);
        else if (message.type === "done") resolve(message.output);
        else reject(message.error);
      });
      worker.on("messageerror", reject);
      worker.on("error", (error: unknown) => {
        reject(isOutOfMemory(error) ? new WorkerStoppedError("out-of-memory") : error);
      });
      worker.on("exit", () => {
        reject(new WorkerStoppedError("ended"));
      });
    });
  } finally {
    clearTimeout(timer);
    if (stop) signal?.removeEventListener("abort", stop);
    await endWorker(worker);
  }
}

/** In the sources, or built by scripts/bundle.mjs into the package, also for a program that has this module in its own bundle. */
function locateWorker(entry: string): string {
  return packageFile(runsFromSource ? entry : join("dist", entry.replace(/\.ts$/, ".js")));
}

async function endWorker(worker: Worker): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_MS);
  });
  await Promise.race([worker.terminate(), late]);
  clearTimeout(timer);
  worker.unref();
}

function isOutOfMemory(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
}
