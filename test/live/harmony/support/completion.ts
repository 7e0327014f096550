import { z } from "zod";
import { parseHarmony, getHarmonyPurpose, summarizeHarmony } from "../../../../src/harmony/index.ts";
import type { LiveServer } from "../../support/live-server.ts";
import type { ConversationRequest } from "./conversations.ts";

const completionSchema = z.object({
  choices: z.tuple([
    z.object({
      message: z.object({
        content: z.string().nullish(),
        reasoning_content: z.string().nullish(),
        tool_calls: z.array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) })).optional(),
      }),
    }),
  ]),
});

/** A completion apart: what a user, a developer and a tool get of it. */
export interface ReadCompletion {
  readonly reasoning: string;
  readonly answer: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
}

/** The completion as llama-server's own parser reads it. */
export async function completeParsed(server: LiveServer, request: ConversationRequest): Promise<ReadCompletion> {
  const { content, reasoning_content: reasoning, tool_calls: calls = [] } = await complete(server, request);
  return {
    reasoning: reasoning ?? "",
    answer: content ?? "",
    calls: calls.map(({ function: { name, arguments: text } }) => ({ name, arguments: JSON.parse(text) })),
  };
}

/** The raw completion as we read it. */
export async function completeRaw(server: LiveServer, request: ConversationRequest): Promise<ReadCompletion> {
  const { content } = await complete(server, request);
  const messages = parseHarmony(content ?? "");
  const { final, preamble, toolCalls } = summarizeHarmony(messages);
  return {
    // llama-server puts nothing between parts
    reasoning: messages.map((message) => (getHarmonyPurpose(message) === "reasoning" ? message.content : "")).join(""),
    answer: preamble + final,
    calls: toolCalls.map(({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) as unknown })),
  };
}

async function complete(server: LiveServer, request: ConversationRequest) {
  const body = { model: "demo", temperature: 0, max_tokens: 400, ...request };
  return completionSchema.parse(await server.post("/v1/chat/completions", body)).choices[0].message;
}
