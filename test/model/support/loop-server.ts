import { tool } from "@langchain/core/tools";
import { expect } from "@jest/globals";
import { z } from "zod";
import type { ChatGptOss } from "../../../src/index.ts";
import { type ChatBody, type ModelServer, type Reply, startModelServer } from "../../wire/support/model-server.ts";
import { modelOn } from "../../wire/support/models.ts";
import { rawReply, splitReply, THINKING } from "../standard/support/scripted-model.ts";

/** Servers of both kinds, which answer as gpt-oss would. */
export const LOOP_SERVERS = [
  ["a raw server", { kind: "ours", answer: rawReply }],
  ["a server that splits the channels", { kind: "splitting-llama", answer: splitReply }],
] as const;

export type LoopServer = (typeof LOOP_SERVERS)[number][1];

export interface Loop extends AsyncDisposable {
  readonly model: ChatGptOss;
  readonly server: ModelServer;
  /** The bodies of all questions to the model. */
  readonly asked: () => readonly ChatBody[];
}

/** A model on a server by a script. `answer` may give replies of its own, or undefined for the script's. */
export async function startLoop(
  { kind, answer: scripted }: LoopServer,
  answer: (body: ChatBody, scripted: (body: ChatBody) => Reply) => Reply | undefined = () => undefined,
): Promise<Loop> {
  const server = await startModelServer({ kind, replies: (body) => answer(body, scripted) ?? scripted(body) });
  return {
    model: await modelOn(server),
    server,
    asked: () =>
      server.exchanges
        .filter(({ path, body }) => path.endsWith("/chat/completions") && (body as ChatBody).stream === true)
        .map(({ body }) => body as ChatBody),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export const calculator = tool(({ expression }) => (expression === "12 + 30" ? "42" : "unknown"), {
  name: "calculator",
  description: "Work out an arithmetic expression.",
  schema: z.object({ expression: z.string().describe("The expression, such as 2 + 3.") }),
});
/** Not a message object: a graph takes messages of the same id for one. */
export const SUM = { messages: [{ role: "user", content: "What is 12 + 30?" }] };
export const SUM_ANSWER = "The tool says: 42";

/** The last request tells the model its call, with the thinking that led to it, and the result. */
export function expectThinkingSent(asked: readonly ChatBody[], result = "42"): void {
  const messages = asked.at(-1)?.messages ?? [];
  const calling = messages.findLastIndex(({ role, tool_calls: calls }) => role === "assistant" && calls !== undefined);
  expect(messages[calling]).toMatchObject({ reasoning_content: THINKING, tool_calls: [{ type: "function" }] });
  expect(messages[calling + 1]).toMatchObject({ role: "tool", content: expect.stringContaining(result) });
}
