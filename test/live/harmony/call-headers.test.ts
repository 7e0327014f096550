import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readCallHeaders } from "../../../src/inference/call-header.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { promptOf } from "./support/prompt.ts";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(async () => {
  await server.stop();
});

const messages = (id: string) => [
  { role: "user", content: "Weather?" },
  {
    role: "assistant",
    content: "",
    tool_calls: [{ id, type: "function", function: { name: "look", arguments: JSON.stringify('{"city":  "Paris"}') } }],
  },
  { role: "tool", tool_call_id: id, content: "Rain" },
];
const kwargs = { current_date: "2026-01-31" };

describe("the chat template", () => {
  it.each([
    " to=functions.look<|channel|>commentary json",
    " to=functions.look<|channel|>commentary<|constrain|>json",
    "<|channel|>commentary to=functions.look <|constrain|>json",
    "<|channel|>commentary to=functions.look json",
    "<|channel|>commentary to=functions.look",
    "<|channel|>analysis to=functions.look code",
  ])("writes a call in the form in which the model wrote it: %s", async (header) => {
    const [form] =
      readCallHeaders(`<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant${header}<|message|>{}`, 1) ?? [];
    const prompt = await promptOf(server, {
      messages: messages("c1"),
      chat_template_kwargs: { ...kwargs, call_headers: { c1: form } },
    });
    expect(prompt).toContain(`<|start|>assistant${header}<|message|>{"city":  "Paris"}<|call|>`);
  });

  it("writes its own form without a map, with an empty one, and for an id that is not in it", async () => {
    const plain = await promptOf(server, { messages: messages("c1"), chat_template_kwargs: kwargs });
    const header = { recipient: "channel", channel: "analysis", space: true, marker: true, type: "json" };
    for (const call_headers of [{}, { c2: header }]) {
      const prompt = await promptOf(server, {
        messages: messages("c1"),
        chat_template_kwargs: { ...kwargs, call_headers },
      });
      expect(prompt).toBe(plain);
    }
  });
});
