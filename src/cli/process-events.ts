import { getSystemErrorMap } from "node:util";
import type { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/** 128 and the signal's number, as shells say it. */
const STATUS: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Exit status owed to the signal that came, if one came. */
  readonly status: () => number | undefined;
  /** Leaves all signals to another program while it runs. */
  readonly passedTo: <T>(receive: (signal: NodeJS.Signals) => void, action: () => Promise<T>) => Promise<T>;
  /** Runs something that blocks the event loop, during which a signal must end the process as if nobody listened. */
  readonly suspendedDuring: <T>(action: () => T) => T;
}

/** Turns the first signal into an abort, so that everything can be put away; the second ends the process at once. */
export function listenForInterrupts(target: NodeJS.Process = process): Interrupts {
  const controller = new AbortController();
  let status: number | undefined;
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      if (status !== undefined) target.exit(STATUS[signal]);
      status = STATUS[signal];
      controller.abort();
    };
    return { signal, handler };
  });
  const listen = () => {
    for (const { signal, handler } of handlers) target.on(signal, handler);
  };
  const ignore = () => {
    for (const { signal, handler } of handlers) target.off(signal, handler);
  };
  listen();
  return {
    signal: controller.signal,
    status: () => status,
    async passedTo(receive, action) {
      ignore();
      for (const signal of SIGNALS) target.on(signal, receive);
      try {
        return await action();
      } finally {
        for (const signal of SIGNALS) target.off(signal, receive);
        listen();
      }
    },
    suspendedDuring(action) {
      ignore();
      try {
        return action();
      } finally {
        listen();
      }
    },
  };
}

/** What becomes of a command whose output can't be written. */
export interface OutputErrors {
  /** Resolves once an error of everything that has been written so far is known. */
  readonly failure: () => Promise<GptOssError | undefined>;
}

/**
 * Watches the streams of the process. A reader that went away (`gpt-oss chat | head -1`) is not an error: the command ends quietly. A full
 * disk is: the command ends with a sentence, since what it should have written is lost. Errors on standard error can't be reported anywhere.
 * @param end ends the process with the error, or quietly
 */
export function watchOutput(
  { stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">,
  end: (failure: GptOssError | undefined) => void,
): OutputErrors {
  let failure: GptOssError | undefined;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") failure ??= createError("outputFailed", [systemMessageOf(error)], { cause: error });
    end(failure);
  });
  stderr.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") end(undefined);
  });
  return {
    // the streams of files report an error in the next round of the event loop
    failure: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return failure;
    },
  };
}

/** `No space left on device` */
function systemMessageOf({ errno = 0, message }: NodeJS.ErrnoException): string {
  const [, text = message] = getSystemErrorMap().get(errno) ?? [];
  return text.charAt(0).toUpperCase() + text.slice(1);
}
