import type { HarmonyHeader, HarmonyMessage } from "./message.ts";

/** What a message is to a caller, whatever its channel is called. */
export type HarmonyPurpose = "final" | "reasoning" | "preamble" | "tool-call" | "other";

const NOBODY = new Set<string | undefined>(["assistant", "user", "all", undefined]);

/** Whether a recipient makes no call: the model itself, the user, everybody, or none at all. */
export function isNobody(recipient: string | undefined): boolean {
  return NOBODY.has(recipient);
}

/** The recipient makes a call, on any channel; without one the channel decides. Results of tools are neither text nor call. */
export function purposeOf({ role, channel, recipient }: HarmonyHeader): HarmonyPurpose {
  if (!isNobody(recipient)) return "tool-call";
  if (role !== "assistant") return "other";
  if (channel === undefined || channel === "final") return "final";
  if (channel === "analysis") return "reasoning";
  return channel === "commentary" ? "preamble" : "other";
}

/** One answer of the model, its channels apart. */
export interface HarmonySummary {
  /** The answer: the final channel and text without a channel. */
  readonly final: string;
  /** Analysis, its parts joined by line breaks. */
  readonly reasoning: string;
  /** Commentary that no tool gets. */
  readonly preamble: string;
  /** Arguments as the model wrote them, which need not be JSON. */
  readonly toolCalls: { readonly name: string; readonly arguments: string }[];
}

/** Joins the messages of one answer by what they are for. */
export function summarizeHarmony(messages: readonly HarmonyMessage[]): HarmonySummary {
  const textOf = (purpose: HarmonyPurpose) =>
    messages.filter((message) => purposeOf(message) === purpose).map(({ content }) => content);
  return {
    final: textOf("final").join(""),
    reasoning: textOf("reasoning").join("\n"),
    preamble: textOf("preamble").join(""),
    toolCalls: messages
      .filter((message) => purposeOf(message) === "tool-call")
      .map(({ recipient = "", content }) => ({ name: recipient.replace(/^functions\./, ""), arguments: content })),
  };
}
