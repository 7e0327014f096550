import { createHash } from "node:crypto";
import { on } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { messageOf } from "../../errors/errors.ts";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import { withinLimit } from "../checks/javascript-check.ts";
import {
  type CallResponse,
  type Program,
  ProgramError,
  type ProgramReply,
  type ProgramRequest,
  type ProgramSession,
} from "./program.ts";

export type ToThread =
  | {
      readonly type: "run";
      readonly request: Omit<ProgramRequest, "send" | "signal">;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "response"; readonly call: number; readonly response: CallResponse }
  | { readonly type: "failure"; readonly call: number; readonly message: string }
  | { readonly type: "abort" };

export type FromThread =
  | { readonly type: "begins" }
  | { readonly type: "loaded" }
  | { readonly type: "send"; readonly call: number; readonly body: string }
  | { readonly type: "done"; readonly reply: ProgramReply }
  | { readonly type: "threw"; readonly message: string };

export interface ModuleOptions {
  /** Absolute. */
  readonly path: string;
  /** How it is named in the definition. */
  readonly shown: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** How long it may work between two calls of the model. */
  readonly limitMs: number;
}

/** A module that had to be stopped so often is not run again: thousands of results would take hours. */
const MOST_STOPS = 3;

/** An ES module whose default export is a program. It runs in threads of its own, which can be stopped whatever it does. */
export function createModuleProgram(module: ModuleOptions): Program {
  const identity = createHash("sha256")
    .update(JSON.stringify([moduleHash(module.path), module.options]))
    .digest("hex");
  const stops = { count: 0 };
  const withOptions = Object.keys(module.options).length > 0 ? ` with ${JSON.stringify(module.options)}` : "";
  return {
    identity,
    isVolatile: false,
    description: `${module.shown}${withOptions}`,
    openSession: () => new ModuleThread(module, stops),
  };
}

/** The paths of other files that a module imports by a relative path. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** Of a module and of the files that it imports by relative paths. Packages do not count. */
export function moduleHash(path: string): string {
  const hash = createHash("sha256");
  const paths = new Set([path]);
  for (const file of paths) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    hash.update(`${text}\0`);
    for (const [, imported = ""] of text.matchAll(RELATIVE_IMPORT)) paths.add(resolve(dirname(file), imported));
  }
  return hash.digest("hex");
}

const ENTRY = "src/experiment/program/module-program.worker.ts";
/** The thread runs for many results, and each of them has a limit of its own. */
const NO_LIMIT_MS = 2 ** 31 - 1;
/** Loading LangChain takes a second; on a machine that is swapping, longer. */
const START_MS = 60_000;
/** A program that asks the model without end would never be stopped by its own time. */
const MOST_CALLS = 200;

interface OpenThread {
  readonly port: MessagePort;
  readonly controller: AbortController;
  /** Never resolves; rejects when the thread has ended. */
  readonly ended: Promise<never>;
}

/** A user's module in one thread. It is not a sandbox: the module has all the rights of this process. It runs for one result at a time. */
class ModuleThread implements ProgramSession {
  readonly #module: ModuleOptions;
  readonly #stops: { count: number };
  #open: OpenThread | undefined;

  constructor(module: ModuleOptions, stops: { count: number }) {
    this.#module = module;
    this.#stops = stops;
  }

  async run(request: ProgramRequest): Promise<ProgramReply> {
    if (this.#stops.count >= MOST_STOPS)
      throw new ProgramError(`was not run: it had to be stopped ${this.#stops.count} times`);
    try {
      const thread = await this.#openThread(request.signal);
      return await this.#runIn(thread, request);
    } catch (error) {
      if (!(error instanceof ProgramError) || error.cause === "stopped") await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #openThread(signal: AbortSignal): Promise<OpenThread> {
    if (this.#open) return this.#open;
    const { port1: port, port2 } = new MessageChannel();
    const controller = new AbortController();
    const input = { url: pathToFileURL(this.#module.path).href, port: port2 };
    const limits = { timeLimitMs: NO_LIMIT_MS, signal: controller.signal, transferList: [port2] };
    const ended = runInWorker(ENTRY, input, limits).then(
      () => {
        throw new ProgramError("ended", { cause: "stopped" });
      },
      (error: unknown) => {
        throw new ProgramError(describeEnd(error), { cause: "stopped" });
      },
    );
    // who waits for a message hears of it; at any other time it is no failure
    ended.catch(() => undefined);
    this.#open = { port, controller, ended };
    const messages = on(port, "message");
    // the thread begins, and has loaded the module
    for (let count = 0; count < 2; count++) {
      await withinLimit(Promise.race([messages.next(), ended]), START_MS, signal);
    }
    await messages.return?.();
    return this.#open;
  }

  async #runIn({ port, ended }: OpenThread, request: ProgramRequest): Promise<ProgramReply> {
    const { send, signal, ...rest } = request;
    const post = (message: ToThread) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is not a window
      port.postMessage(message);
    };
    let timer: NodeJS.Timeout | undefined;
    let waiting = 0;
    let calls = 0;
    let onMessage: ((message: FromThread) => void) | undefined;
    let onAbort: (() => void) | undefined;
    const done = new Promise<ProgramReply>((finish, reject) => {
      const stop = (message: string) => {
        this.#stops.count++;
        reject(new ProgramError(message, { cause: "stopped" }));
      };
      // only the program's own time counts, not the model's
      const restartClock = () => {
        clearTimeout(timer);
        if (waiting > 0) return;
        timer = setTimeout(stop, this.#module.limitMs, `did not finish within ${this.#module.limitMs / 1000} s`);
      };
      const answerCall = async (call: number, body: string) => {
        waiting++;
        try {
          post({ type: "response", call, response: await send(body) });
        } catch (error) {
          post({ type: "failure", call, message: messageOf(error) });
        } finally {
          waiting--;
          restartClock();
        }
      };
      onMessage = (message) => {
        restartClock();
        if (message.type === "done") finish(message.reply);
        else if (message.type === "threw") reject(new ProgramError(`threw: ${message.message}`));
        else if (message.type === "send" && ++calls > MOST_CALLS) stop(`asked the model more than ${MOST_CALLS} times`);
        else if (message.type === "send") void answerCall(message.call, message.body);
      };
      onAbort = () => {
        post({ type: "abort" });
        reject(signal.reason as Error);
      };
      port.on("message", onMessage);
      signal.addEventListener("abort", onAbort, { once: true });
      ended.catch(reject);
      signal.throwIfAborted();
      restartClock();
      post({ type: "run", request: rest, options: this.#module.options });
    });
    try {
      return await done;
    } finally {
      clearTimeout(timer);
      if (onMessage) port.off("message", onMessage);
      if (onAbort) signal.removeEventListener("abort", onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#open;
    this.#open = undefined;
    thread?.controller.abort();
    thread?.port.close();
    await thread?.ended.catch(() => undefined);
  }
}

function describeEnd(error: unknown): string {
  if (!(error instanceof WorkerStoppedError)) return `failed: ${messageOf(error)}`;
  return error.reason === "out-of-memory" ? "used too much memory" : "ended its thread without an answer";
}
