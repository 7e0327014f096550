import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { CommanderError } from "commander";
import { describeError } from "../../src/chat/describe-error.ts";
import { helpIn, interfaceLanguage } from "../../src/cli/interface-language.ts";
import { programIn } from "../../src/cli/program.ts";
import type { CommandContext } from "../../src/cli/command-options.ts";
import { GptOssError } from "../../src/errors/errors.ts";

export interface CommandLineOptions {
  /** Nothing of the environment of the test run comes in. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The current folder of the program. */
  readonly folder?: string;
  /** What is piped in. */
  readonly input?: string;
  /** Columns of a terminal for standard output and standard error; pipes when left out. */
  readonly columns?: number;
  /** Aborts as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

export interface CommandLineResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of the program inside this process, with streams and an environment of its own. It does what src/cli.ts does, and is the
 * only place that knows how: a test says words, and looks at what is written, the exit status, files and requests.
 */
export async function runCommandLine(
  words: readonly string[],
  options: CommandLineOptions = {},
): Promise<CommandLineResult> {
  const running = start(words, options, new PassThrough());
  running.stdin.end(options.input ?? "");
  return await running.result;
}

/** A command with a person at the keyboard. */
export interface TypedCommand {
  /** All that was written on both outputs, without escape sequences. */
  readonly text: () => string;
  /** Waits until the pattern stands in what was written since the last call. */
  readonly expect: (pattern: RegExp) => Promise<string>;
  readonly type: (text: string) => void;
  readonly result: Promise<CommandLineResult>;
}

const DEADLINE_MS = 15_000;

/** Runs a command with a terminal for all three streams. */
export function typeCommandLine(words: readonly string[], options: CommandLineOptions = {}): TypedCommand {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => keyboard });
  const { stdout, stderr, stdin, result } = start(words, { columns: 300, ...options }, keyboard);
  let written = "";
  let seen = 0;
  let wake = () => undefined as unknown;
  for (const output of [stdout, stderr]) {
    output.setEncoding("utf8").on("data", (piece: string) => {
      written += piece;
      wake();
    });
  }
  const text = () => stripVTControlCharacters(written).replaceAll("\r", "");
  return {
    text,
    result,
    type: (typed) => void stdin.write(typed),
    async expect(pattern) {
      const deadline = performance.now() + DEADLINE_MS;
      for (;;) {
        const match = pattern.exec(text().slice(seen));
        if (match) {
          seen += match.index + match[0].length;
          return match[0];
        }
        const left = deadline - performance.now();
        if (left < 0) throw new Error(`waited in vain for ${String(pattern)}; written so far:\n${text()}`);
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
          setTimeout(resolve, Math.min(left, 100)).unref();
        });
      }
    },
  };
}

function start(words: readonly string[], options: CommandLineOptions, stdin: PassThrough) {
  const { environment = {}, folder = "/", columns, signal = new AbortController().signal } = options;
  const [stdout, stderr] = [outputOf(columns), outputOf(columns)];
  const atExit: (() => void)[] = [];
  const surroundings = { environment: { LC_ALL: "C", PATH: process.env["PATH"], ...environment }, folder };
  const world = {
    ...surroundings,
    stdin,
    stdout,
    stderr,
    signal,
    atExit: (action: () => void) => atExit.push(action),
  } as unknown as Omit<CommandContext, "language">;
  const texts = { stdout: collected(stdout), stderr: collected(stderr) };
  const result = (async (): Promise<CommandLineResult> => {
    const status = await run(words, { ...world, language: await interfaceLanguage(surroundings, words) });
    for (const action of atExit) action();
    return { status, stdout: texts.stdout(), stderr: texts.stderr() };
  })();
  return { stdin, stdout, stderr, result };
}

function outputOf(columns: number | undefined): PassThrough {
  return columns === undefined ? new PassThrough() : Object.assign(new PassThrough(), { isTTY: true, columns });
}

function collected(output: PassThrough): () => string {
  const pieces: Uint8Array[] = [];
  output.on("data", (piece: Uint8Array | string) => pieces.push(Buffer.from(piece)));
  return () => Buffer.concat(pieces).toString();
}

async function run(words: readonly string[], world: CommandContext): Promise<number> {
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const interrupts = {
      signal: world.signal,
      status: () => undefined,
      passedTo: <T>(_receive: unknown, action: () => Promise<T>) => action(),
      suspendedDuring: <T>(action: () => T) => action(),
    };
    const program = await programIn(await helpIn(world.language), { version: "0.0.0", world, interrupts, words });
    await program.parseAsync(words, { from: "user" });
    return exitStatus();
  } catch (failure) {
    if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : 2;
    world.stderr.write(`${describeError(failure, world.language)}\n`);
    return GptOssError.isInstance(failure) ? failure.exitStatus : 1;
  } finally {
    process.exitCode = before;
  }
}

/** The command has set it since. */
function exitStatus(): number {
  return Number(process.exitCode ?? 0);
}
