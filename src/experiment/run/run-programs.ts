import { GptOssError, messageOf } from "../../errors/errors.ts";
import { LinkedSignal } from "../../platform/linked-signal.ts";
import { answerOfSteps } from "../answer.ts";
import type { Row, Store } from "../cell-store.ts";
import type { Cell, Mode } from "../plan/cell.ts";
import { type CallStore, sendCall } from "../program/call-store.ts";
import type { Program, ProgramSession } from "../program/program.ts";
import { rowOf, runWorkers } from "./ask-cells.ts";
import type { Target } from "./target.ts";

/** A cell whose variant is a program. */
export type ProgramCell = Cell & { readonly program: Program };

export interface RunProgramsOptions {
  readonly target: Target;
  readonly store: Store;
  readonly calls: CallStore;
  readonly mode: Mode;
  readonly signal?: AbortSignal | undefined;
  /** After every result. */
  readonly onRow?: ((row: Row) => void) | undefined;
}

/**
 * Runs all programs, as many at once as the server has slots, and stores each answer as soon as it is there. A program that fails is stored
 * with its error; only a server that is gone ends the run.
 * @throws GptOssError `interrupted`, or `server-unreachable` when the server is gone
 */
export async function runPrograms(cells: readonly ProgramCell[], options: RunProgramsOptions): Promise<void> {
  const { target, mode, signal } = options;
  const queue = new Map(cells.map((cell) => [cell.key, cell])).values();
  await runWorkers(mode === "exact" ? 1 : target.slots, signal, async (_worker, together) => {
    await runWorker(queue, { ...options, signal: together });
  });
}

type WorkerOptions = RunProgramsOptions & { readonly signal: AbortSignal };

async function runWorker(queue: Iterator<ProgramCell>, options: WorkerOptions): Promise<void> {
  await using sessions = new Sessions();
  for (let next = queue.next(); !next.done; next = queue.next()) {
    if (options.signal.aborted) return;
    const cell = next.value;
    const outcome = await outcomeOf(cell, sessions.sessionFor(cell.program), options);
    const row = { ...rowOf({ ...cell, kind: "cell", case: cell.case.id }, options, outcome) };
    // a volatile program ran again, so its new answer replaces the stored one
    await options.store.append(cell.program.isVolatile ? { ...row, fresh: true } : row);
    options.onRow?.(row);
  }
}

/** One of each program, which keeps its thread from result to result. */
class Sessions implements AsyncDisposable {
  readonly #sessions = new Map<Program, ProgramSession>();

  sessionFor(program: Program): ProgramSession {
    const session = this.#sessions.get(program) ?? program.openSession();
    this.#sessions.set(program, session);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session[Symbol.asyncDispose]()));
  }
}

async function outcomeOf(cell: ProgramCell, session: ProgramSession, options: WorkerOptions): Promise<Row["outcome"]> {
  const { target, calls: store, mode } = options;
  // a program adds listeners to its signal; they are released with the result
  using linked = new LinkedSignal(options.signal);
  const { signal } = linked;
  const { draw } = cell;
  const { id, variables, history, turns } = cell.case;
  let gone: GptOssError | undefined;
  const send = async (body: string) => {
    try {
      return await sendCall(body, { target, store, mode, signal });
    } catch (error) {
      if (GptOssError.isInstance(error) && error.code === "server-unreachable") gone = error;
      throw error;
    }
  };
  try {
    const reply = await session.run({
      testCase: { id, variables, history, turns: turns.map(({ user }) => user) },
      seed: draw.seed,
      settings: {
        model: target.model.name,
        effort: cell.prompt.effort,
        temperature: draw.temperature,
        maxTokens: draw.maxTokens,
      },
      sampling: { temperature: draw.temperature, topP: draw.topP, topK: draw.topK, minP: draw.minP },
      date: cell.prompt.date,
      capabilities: target.inference.capabilities,
      send,
      signal,
    });
    return { answer: answerOfSteps(reply) };
  } catch (error) {
    if (signal.aborted) throw error;
    // the program may have hidden the failure
    if (gone) throw gone;
    return { error: { code: "program-failed", message: `The program ${messageOf(error)}` } };
  }
}
