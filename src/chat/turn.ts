import type { Runnable } from "@langchain/core/runnables";
import type { HarmonyPart } from "../harmony/index.ts";

/** How a turn ended; the same shape for all three, so that whoever keeps or shows it needs no second path. */
export interface TurnResult {
  readonly outcome: "answered" | "interrupted" | "failed";
  /** Text of the final channel, as far as it came. */
  readonly final: string;
  /** What was thrown, when it failed. */
  readonly failure?: unknown;
}

/** Asks one question and hands on the parts of every channel as they come; an abort and a failure are results too. */
export async function runTurn(
  conversation: Runnable<string, HarmonyPart>,
  input: string,
  signal: AbortSignal,
  onPart: (part: HarmonyPart) => void,
): Promise<TurnResult> {
  let final = "";
  try {
    for await (const part of await conversation.stream(input, { signal })) {
      if (signal.aborted) break;
      if (part.channel === "final") final += part.text;
      onPart(part);
    }
  } catch (failure) {
    if (!signal.aborted) return { outcome: "failed", final, failure };
  }
  return { outcome: signal.aborted ? "interrupted" : "answered", final };
}
