import { createHash } from "node:crypto";
import { ProgramError, type Invocable, type Program, type ProgramFunction } from "./program.ts";
import { runProgram } from "./run-program.ts";
import { messageOf } from "../../errors/errors.ts";
import { withinLimit } from "../checks/javascript-check.ts";

/** A program in code may wait for the model as long as it takes; one that never settles ends the result after this. */
const LIMIT_MS = 60 * 60_000;

/**
 * A function or a Runnable of the program that called `runExperiment`. Without a version nobody can tell whether it is the same as before,
 * and two functions with one source may differ in what they enclose, so that its variant's name tells it from others.
 */
export function createCodeProgram(
  name: string,
  run: ProgramFunction | Invocable,
  version: string | undefined,
): Program {
  const source = typeof run === "function" ? run.toString() : `Runnable ${run.constructor.name}`;
  const identity = createHash("sha256")
    .update(JSON.stringify(["code", name, version]))
    .digest("hex");
  return {
    identity,
    isVolatile: version === undefined,
    description: source,
    openSession: () => ({
      run: async (request) => {
        const work = runProgram(run, request).catch((error: unknown) => {
          if (request.signal.aborted) throw request.signal.reason as Error;
          throw new ProgramError(`threw: ${messageOf(error)}`, { cause: error });
        });
        return await withinLimit(work, LIMIT_MS, request.signal);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
}
