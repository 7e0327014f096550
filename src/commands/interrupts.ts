const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/** 128 and the signal's number, as shells say it. */
const STATUS: Readonly<Record<Signal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Exit status owed to the signal that came, if one came. */
  readonly status: () => number | undefined;
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
