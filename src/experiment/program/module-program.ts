import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../errors/errors.ts";
import { ModuleThread, StopCounter, UserCodeError } from "../module-thread.ts";
import type { CallResponse, Program, ProgramReply, ProgramRequest, ProgramSession } from "./program.ts";

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

/** An ES module whose default export is a program. It runs in threads of its own, which can be stopped whatever it does. */
export function createModuleProgram(module: ModuleOptions): Program {
  const identity = createHash("sha256")
    .update(JSON.stringify([moduleHash(module.path), module.options]))
    .digest("hex");
  const stops = new StopCounter();
  const withOptions = Object.keys(module.options).length > 0 ? ` with ${JSON.stringify(module.options)}` : "";
  return {
    identity,
    isVolatile: false,
    description: `${module.shown}${withOptions}`,
    openSession: () => new ModuleSession(module, stops),
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
/** Loading LangChain takes a second; on a machine that is swapping, longer. */
const START_MS = 60_000;
/** A program that asks the model without end would never be stopped by its own time. */
const MOST_CALLS = 200;

type ProgramThread = ModuleThread<ToThread, FromThread>;

/** A user's module in one thread, which runs for one result at a time. */
class ModuleSession implements ProgramSession {
  readonly #module: ModuleOptions;
  readonly #stops: StopCounter;
  #thread: ProgramThread | undefined;

  constructor(module: ModuleOptions, stops: StopCounter) {
    this.#module = module;
    this.#stops = stops;
  }

  async run(request: ProgramRequest): Promise<ProgramReply> {
    try {
      return await this.#stops.run(async () => {
        const { path } = this.#module;
        const options = { entry: ENTRY, path, startMs: START_MS, loadMs: START_MS };
        this.#thread ??= await ModuleThread.open<ToThread, FromThread>(options, request.signal);
        return await this.#runIn(this.#thread, request);
      });
    } catch (error) {
      if (this.#thread?.isUnusableAfter(error)) await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #runIn(thread: ProgramThread, request: ProgramRequest): Promise<ProgramReply> {
    const { send, signal, ...rest } = request;
    const { limitMs, options } = this.#module;
    let timer: NodeJS.Timeout | undefined;
    let waiting = 0;
    let calls = 0;
    const leaving = new AbortController();
    const done = new Promise<ProgramReply>((finish, reject) => {
      const stop = (message: string) => reject(new UserCodeError(message, { stopped: true }));
      // only the program's own time counts, not the model's
      const restartClock = () => {
        clearTimeout(timer);
        if (waiting === 0) timer = setTimeout(stop, limitMs, `did not finish within ${limitMs / 1000} s`);
      };
      const answerCall = async (call: number, body: string) => {
        waiting++;
        try {
          thread.send({ type: "response", call, response: await send(body) });
        } catch (error) {
          thread.send({ type: "failure", call, message: messageOf(error) });
        } finally {
          waiting--;
          restartClock();
        }
      };
      const abort = () => {
        thread.send({ type: "abort" });
        reject(signal.reason as Error);
      };
      const silence = thread.listen((message) => {
        restartClock();
        if (message.type === "done") finish(message.reply);
        else if (message.type === "threw") reject(new UserCodeError(`threw: ${message.message}`));
        else if (++calls > MOST_CALLS) stop(`asked the model more than ${MOST_CALLS} times`);
        else void answerCall(message.call, message.body);
      });
      leaving.signal.addEventListener("abort", silence);
      signal.addEventListener("abort", abort, { once: true, signal: leaving.signal });
      thread.ended.catch(reject);
      signal.throwIfAborted();
      restartClock();
      thread.send({ type: "run", request: rest, options });
    });
    try {
      return await done;
    } finally {
      clearTimeout(timer);
      leaving.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }
}
