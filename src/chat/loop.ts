import type { Runnable } from "@langchain/core/runnables";
import { GptOssError } from "../errors.ts";
import type { HarmonyPart } from "../harmony/index.ts";
import { describeFailure } from "./describe-failure.ts";
import type { LineReader } from "./line-reader.ts";
import type { Screen } from "./screen.ts";
import { runTurn, type TurnResult } from "./turn.ts";

const FAREWELLS = new Set(["exit", "quit"]);

export interface ChatLoopOptions {
  readonly conversation: Runnable<string, HarmonyPart>;
  readonly reader: LineReader;
  readonly screen: Screen;
  /** Ends the chat from outside (a signal to the process). */
  readonly signal: AbortSignal;
  /** Makes one sentence of whatever a turn failed with. */
  readonly explain: (failure: unknown) => unknown;
}

/**
 * Reads a line, answers it, and again, until `exit`, `quit` or the end of input.
 * @returns the exit status: 0; that of the last failure when the input was not a terminal; 130 after a second Ctrl-C
 */
export async function chatLoop(options: ChatLoopOptions): Promise<number> {
  const { reader, screen, signal } = options;
  let status = 0;
  let interrupts = 0;
  screen.greet();
  while (!signal.aborted) {
    const result = await reader.read(screen.prompt);
    if (result.kind === "end") break;
    if (result.kind === "interrupt") {
      if (++interrupts > 1) return 130;
      screen.note("Press Ctrl-C once more, or Ctrl-D, to leave.");
      continue;
    }
    interrupts = 0;
    const input = result.text.trim();
    if (input === "") continue;
    if (FAREWELLS.has(input.toLowerCase())) break;
    const turn = await answer(input, options);
    if (turn.outcome === "failed" && !screen.interactive) status = statusOf(turn.failure);
    if (turn.outcome === "interrupted" && !screen.interactive) return 130;
  }
  return signal.aborted ? 130 : status;
}

async function answer(
  input: string,
  { conversation, reader, screen, signal, explain }: ChatLoopOptions,
): Promise<TurnResult> {
  const stop = new AbortController();
  const end = () => {
    stop.abort();
  };
  reader.onInterrupt = end;
  signal.addEventListener("abort", end, { once: true });
  screen.beginAnswer();
  try {
    const turn = await runTurn(conversation, input, stop.signal, screen.show);
    screen.endAnswer(turn.outcome);
    if (turn.outcome !== "failed") return turn;
    const failure = explain(turn.failure);
    screen.note(describeFailure(failure));
    return { ...turn, failure };
  } finally {
    reader.onInterrupt = undefined;
    signal.removeEventListener("abort", end);
  }
}

function statusOf(failure: unknown): number {
  return GptOssError.isInstance(failure) ? failure.exitStatus : 1;
}
