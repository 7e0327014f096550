import type { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { modelFor, WEATHER_TOOL } from "../../support/chat-model.ts";
import { type Reply, startChatServer } from "../../support/chat-server.ts";

export type Entry = Readonly<Record<string, unknown>>;

/** The same answer invoked and streamed. */
export async function bothWays(reply: Reply): Promise<readonly (AIMessage | AIMessageChunk)[]> {
  await using server = await startChatServer(reply);
  const model = modelFor(server).bindTools([WEATHER_TOOL]);
  const invoked = await model.invoke("Hi");
  let streamed: AIMessageChunk | undefined;
  for await (const chunk of await model.stream("Hi")) streamed = streamed?.concat(chunk) ?? chunk;
  if (streamed === undefined) throw new Error("nothing came");
  return [invoked, streamed];
}

/** What a question to a server with this reply throws. */
export async function thrownBy(reply: Reply): Promise<Error> {
  await using server = await startChatServer(reply);
  try {
    await modelFor(server).invoke("Hi");
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("it should have failed");
}

/** A line of a stream. */
export function eventOf(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** A chunk with text, and a reason for the end. */
export function textChunk(content: string, finish_reason: unknown = null) {
  return { choices: [{ index: 0, delta: { content }, finish_reason }] };
}

/** A whole call of the weather tool, as a server splits it off. */
export function weatherCall(city: string, rest: Entry = {}) {
  return { ...rest, function: { name: "get_weather", arguments: `{"city":"${city}"}` } };
}
