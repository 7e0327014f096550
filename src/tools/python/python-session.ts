import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { promisify } from "node:util";
import { z } from "zod";
import { childEnvironment } from "../../platform/child-environment.ts";
import { asNobody, type Isolation, type NoIsolation } from "../isolation/isolation.ts";
import { INTERPRETER_PROGRAM } from "./interpreter-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** An interpreter of the machine, and the folders with its libraries. */
export interface Interpreter {
  readonly program: string;
  readonly folders: readonly string[];
}

const describedSchema = z.array(z.string()).length(3);
const DESCRIBE = "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))";
const PROBE_MS = 15_000;

export interface SessionOptions {
  readonly environment: Environment;
  readonly isolation: Isolation | NoIsolation;
  /** Where files stay; an isolated interpreter under Linux sees it as /mnt/data. */
  readonly folder: string;
  /** Seconds of one call. */
  readonly seconds: number;
}

/** The first interpreter that works here; undefined when there is none. */
export async function findInterpreter(options: SessionOptions): Promise<Interpreter | undefined> {
  const environment = childEnvironment("command", options.environment);
  // the one on the search path may lie where an isolated program can't see it
  for (const program of ["python3", "/usr/bin/python3", "/usr/local/bin/python3"]) {
    try {
      const run = promisify(execFile);
      const { stdout } = await run(program, ["-c", DESCRIBE], { env: environment, timeout: PROBE_MS });
      const [executable = "", ...prefixes] = describedSchema.parse(JSON.parse(stdout));
      const folders = [
        ...new Set([...prefixes, ...(await Promise.all(prefixes.map(async (path) => await realpath(path))))]),
      ];
      const interpreter = { program: executable, folders };
      const command = commandOf(interpreter, ["-c", ""], options);
      await run(command.program, command.words, { env: environment, timeout: PROBE_MS });
      return interpreter;
    } catch {
      continue; // it is missing, or does not start isolated
    }
  }
  return undefined;
}

const GIB = 1_073_741_824;
/** Of each process; the total of all needs control groups. numpy reserves address space for its threads. */
const LIMITS = { memory: 4 * GIB, processes: 256, file: GIB } as const;

function commandOf({ program, folders }: Interpreter, words: readonly string[], { isolation, folder }: SessionOptions) {
  const all = ["-I", "-B", "-u", ...words];
  if (isolation.name === undefined) return { program, words: all };
  const seen = dataFolderIn(isolation, folder);
  return asNobody(
    isolation.commandFor({
      program,
      words: all,
      workingFolder: seen,
      writable: { from: folder, to: seen },
      readable: folders,
      limits: LIMITS,
      variables: { PATH: "/usr/bin:/bin", HOME: "/tmp/home", LANG: "C.UTF-8", MPLBACKEND: "Agg" },
    }),
    isolation,
  );
}

/** Where the code finds the folder. */
export function dataFolderIn(isolation: Isolation | NoIsolation, folder: string): string {
  return isolation.name === "bubblewrap" ? "/mnt/data" : folder;
}

/** What a call printed, and how it ended. */
export interface CellResult {
  readonly output: string;
  /** Characters that were left out in the middle. */
  readonly dropped: number;
  /** "ended": the interpreter is gone, and its variables with it. */
  readonly state: "kept" | "ended";
}

/** How long an interpreter that does not end a call itself may go on. */
const GRACE_MS = 5_000;

/** An interpreter that keeps its variables from one call to the next. */
export class PythonSession {
  readonly #interpreter: Interpreter;
  readonly #options: SessionOptions;
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(interpreter: Interpreter, options: SessionOptions) {
    this.#interpreter = interpreter;
    this.#options = options;
  }

  /** Runs code, one call after the other. After an abort the interpreter is ended. */
  async run(code: string, signal: AbortSignal | undefined): Promise<CellResult> {
    const mine = this.#queue.then(async () => await this.#run(code, signal));
    this.#queue = mine.catch(() => undefined); // the caller gets the error
    const result = await mine;
    signal?.throwIfAborted();
    return result;
  }

  close(): void {
    killGroup(this.#child);
    this.#child = undefined;
  }

  async #run(code: string, signal: AbortSignal | undefined): Promise<CellResult> {
    signal?.throwIfAborted();
    const child = (this.#child ??= this.#start());
    const id = randomUUID();
    const reader = new CellReader(id);
    const decoder = new StringDecoder("utf8");
    child.ref();
    setRef(child.stdout, true);
    const stop = () => killGroup(child);
    const timer = setTimeout(stop, this.#options.seconds * 1_000 + GRACE_MS);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await new Promise<CellResult>((resolve) => {
        const finish = (state: CellResult["state"]) => {
          child.stdout.removeAllListeners("data");
          child.off("close", onClose);
          if (state === "ended") this.#child = undefined;
          resolve({ ...reader.result, state });
        };
        const onClose = () => finish("ended");
        child.stdout.on("data", (chunk: Buffer) => {
          if (reader.read(decoder.write(chunk))) finish("kept");
        });
        child.once("close", onClose);
        child.stdin.write(`${JSON.stringify({ id, code, seconds: this.#options.seconds })}\n`);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      // an interpreter that waits keeps no program from ending
      child.unref();
      setRef(child.stdout, false);
      // what runs on in the background is not listened to until the next call
      child.stdout.resume();
    }
  }

  #start(): ChildProcessByStdio<Writable, Readable, null> {
    const { program, words } = commandOf(this.#interpreter, ["-c", INTERPRETER_PROGRAM], this.#options);
    const child = spawn(program, words, {
      cwd: this.#options.folder,
      env: childEnvironment("command", this.#options.environment),
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    // an interpreter that has ended is noticed by its end
    for (const emitter of [child, child.stdin]) emitter.on("error", () => undefined);
    setRef(child.stdin, false);
    endWithProgram(child);
    return child;
  }
}

const running = new Set<{ readonly pid?: number | undefined }>();

/** An interpreter does not outlive this program. */
function endWithProgram(child: ChildProcessByStdio<Writable, Readable, null>): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
  child.once("close", () => {
    running.delete(child);
    if (running.size === 0) process.off("exit", endAll);
  });
}

function endAll(): void {
  for (const child of running) killGroup(child);
}

/** Pipes have `ref` and `unref`, which the types of streams do not say. */
function setRef(stream: Readable | Writable, isHeld: boolean): void {
  const socket = stream as { ref?: () => void; unref?: () => void };
  if (isHeld) socket.ref?.();
  else socket.unref?.();
}

function killGroup(child: { readonly pid?: number | undefined } | undefined): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    return; // it has ended
  }
}

const KEPT_CHARACTERS = 6_000;

/** Reads the output of one call between its marks, and keeps its beginning and its end. */
class CellReader {
  readonly #begin: string;
  readonly #end: string;
  #isOpen = false;
  #pending = "";
  #head = "";
  #tail = "";
  #dropped = 0;

  constructor(id: string) {
    this.#begin = `\u001E${id}<`;
    this.#end = `\u001E${id}>`;
  }

  /** @returns whether the call is over */
  read(text: string): boolean {
    this.#pending += text;
    if (!this.#isOpen) {
      const at = this.#pending.indexOf(this.#begin);
      // output of earlier calls that went on in the background
      if (at < 0) this.#pending = this.#pending.slice(-this.#begin.length);
      else {
        this.#isOpen = true;
        this.#pending = this.#pending.slice(at + this.#begin.length);
      }
    }
    if (!this.#isOpen) return false;
    const end = this.#pending.indexOf(this.#end);
    const ready = end < 0 ? Math.max(0, this.#pending.length - this.#end.length) : end;
    this.#keep(this.#pending.slice(0, ready));
    this.#pending = this.#pending.slice(ready);
    return end >= 0;
  }

  get result(): Pick<CellResult, "output" | "dropped"> {
    const note = this.#dropped > 0 ? `\n[cut: ${this.#dropped} characters are left out]\n` : "";
    return { output: this.#head + note + this.#tail, dropped: this.#dropped };
  }

  #keep(text: string): void {
    const room = KEPT_CHARACTERS - this.#head.length;
    this.#head += text.slice(0, room);
    this.#tail += text.slice(Math.max(0, room));
    const over = this.#tail.length - KEPT_CHARACTERS;
    if (over <= 0) return;
    this.#dropped += over;
    this.#tail = this.#tail.slice(over);
  }
}
