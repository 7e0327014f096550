import type { Runnable } from "@langchain/core/runnables";
import type { HarmonyPart } from "../src/index.ts";
import { alone, StreamingChain } from "./streaming.ts";

/** The text of the final channel in all parts of an answer, as one part. */
export function answerOf(parts: readonly HarmonyPart[]): HarmonyPart {
  return { channel: "final", text: parts.map(({ channel, text }) => (channel === "final" ? text : "")).join("") };
}

/** A chain that streams the answer's text alone, from one that streams every channel. */
export function finalOf<Input>(channels: Runnable<Input, HarmonyPart>): Runnable<Input, string> {
  return new StreamingChain(
    async function* (input, config) {
      // not stream(): a reader who leaves would not wait for what the inner chain puts away then
      for await (const { channel, text } of channels.transform(alone(input), config))
        if (channel === "final") yield text;
    },
    (texts) => texts.join(""),
  );
}
