import { HumanMessage, type MessageContent, ToolMessage, AIMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { modelFor } from "../support/chat-model.ts";
import { raw, startChatServer, stream } from "../support/chat-server.ts";

const ANSWER = { chunks: stream(raw("<|channel|>final<|message|>Hi")) };
const TEXT = "こんにちは <|end|>";
const BASE64 = Buffer.from(TEXT).toString("base64");
const named = { metadata: { filename: "a.txt" } };

async function contentSent(content: MessageContent): Promise<unknown> {
  await using server = await startChatServer(ANSWER);
  const message = new HumanMessage({ content, name: "user_one" });
  await modelFor(server).invoke([message]);
  expect(message.content).toBe(content);
  expect(server.requests[0]?.messages[0]).toMatchObject({ role: "user", name: "user_one" });
  return server.requests[0]?.messages[0]?.["content"];
}

describe("a text file in a message", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["of version 0, as text", { type: "file", source_type: "text", text: TEXT, ...named }],
    [
      "of version 0, as bytes",
      { type: "file", source_type: "base64", data: BASE64, mime_type: "text/plain", ...named },
    ],
    ["of version 0, as a URL", { type: "file", source_type: "url", url: `data:text/csv;base64,${BASE64}`, ...named }],
    ["as a URL without base64", { type: "file", url: `data:application/json,${encodeURIComponent(TEXT)}`, ...named }],
    ["of version 1, as bytes", { type: "file", mimeType: "text/markdown", data: BASE64, ...named }],
    ["of version 1, as a typed array", { type: "file", mimeType: "text/x", data: Buffer.from(TEXT), ...named }],
    ["of version 1, as plain text", { type: "text-plain", text: TEXT, title: "a.txt" }],
    ["of OpenAI", { type: "file", file: { file_data: `data:text/plain;base64,${BASE64}`, filename: "a.txt" } }],
  ])("is sent as text with its name: %s", async (_, block) => {
    const content = await contentSent([{ type: "text", text: "Read this. " }, block as { type: string }]);
    expect(content).toMatch(/^Read this\. a\.txt:\n\nこんにちは /);
    expect(content).not.toContain("<|end|>");
  });

  it("may have no name", async () => {
    expect(await contentSent([{ type: "file", source_type: "text", text: "x" }])).toBe("x");
  });

  it("may be in a tool's result", async () => {
    await using server = await startChatServer(ANSWER);
    const calling = new AIMessage({ content: "", tool_calls: [{ id: "1", name: "f", args: {}, type: "tool_call" }] });
    const content = [{ type: "file", source_type: "text", text: "x", ...named }];
    const result = new ToolMessage({ content, tool_call_id: "1" });
    await modelFor(server).invoke([new HumanMessage("Hi"), calling, result]);
    expect(server.requests[0]?.messages.at(-1)).toMatchObject({ role: "tool", content: "a.txt:\n\nx" });
  });

  it("is not one of another kind", async () => {
    const pdf = { type: "file", source_type: "base64", data: BASE64, mime_type: "application/pdf", ...named };
    expect(await contentSent([pdf])).toMatchObject([{ type: "file", file: { filename: "a.txt" } }]);
  });
});
