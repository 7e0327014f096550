import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { additions } from "./support/additions.ts";
import { answer, type ConversationRequest, user } from "./support/conversations.ts";
import { withArgumentsAsWritten } from "./support/history.ts";
import { promptOf } from "./support/prompt.ts";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(async () => {
  await server.stop();
});

const greeting = [user("Hello")];

/** The prompt behind the system message. */
async function bodyOf(request: ConversationRequest): Promise<string> {
  const prompt = await promptOf(server, request);
  return prompt.slice(prompt.indexOf("<|end|>") + "<|end|>".length);
}

function addition(name: string): ConversationRequest {
  const [, request] = additions.find(([candidate]) => candidate === name) ?? [];
  if (request === undefined) throw new Error(`no addition is called ${name}`);
  return request;
}

describe("what prompts/harmony.jinja adds", () => {
  it("takes the date instead of the clock's", async () => {
    const prompt = await promptOf(server, { messages: greeting, chat_template_kwargs: { current_date: "2001-02-03" } });
    expect(prompt).toContain("\nCurrent date: 2001-02-03\n\n");
  });

  it("resumes inside thinking", async () => {
    const continue_from = { channel: "analysis", text: "The user gre" };
    expect(await bodyOf({ messages: greeting, chat_template_kwargs: { continue_from } })).toBe(
      "<|start|>user<|message|>Hello<|end|><|start|>assistant<|channel|>analysis<|message|>The user gre",
    );
  });

  it("resumes inside an answer, after its thinking", async () => {
    const continue_from = { channel: "final", text: "Hel", analysis: "A greeting." };
    expect(await bodyOf({ messages: greeting, chat_template_kwargs: { continue_from } })).toBe(
      "<|start|>user<|message|>Hello<|end|><|start|>assistant<|channel|>analysis<|message|>A greeting.<|end|>" +
        "<|start|>assistant<|channel|>final<|message|>Hel",
    );
  });

  it("takes another identity", async () => {
    const kwargs = { model_identity: "You are Ann, a pirate." };
    expect(await promptOf(server, { messages: greeting, chat_template_kwargs: kwargs })).toMatch(
      /^<\|start\|>system<\|message\|>You are Ann, a pirate\.\nKnowledge cutoff/,
    );
  });

  it("writes later messages of the system where they stand", async () => {
    expect(await bodyOf(addition("a later system message"))).toBe(
      "<|start|>user<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|end|>" +
        "<|start|>developer<|message|># Instructions\n\nAnswer in French.\n\n<|end|>" +
        "<|start|>user<|message|>Bye<|end|><|start|>assistant",
    );
  });

  it("writes all calls of a message, and tells results by their calls", async () => {
    const body = await bodyOf(addition("results of two tools in another order"));
    expect(body.slice(body.indexOf("<|start|>assistant"))).toBe(
      '<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Tokyo"}<|call|>' +
        "<|start|>assistant to=functions.get_time<|channel|>commentary json<|message|>{}<|call|>" +
        '<|start|>functions.get_time to=assistant<|channel|>commentary<|message|>"noon"<|end|>' +
        '<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>"Sunny"<|end|><|start|>assistant',
    );
  });

  it("writes names only when asked to", async () => {
    const request = addition("names");
    expect(await bodyOf(request)).toContain("<|start|>user<|message|>Hi<|end|>");
    expect(await bodyOf({ ...request, chat_template_kwargs: { names: true } })).toBe(
      "<|start|>user:ann<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hello<|end|>" +
        "<|start|>user:bob<|message|>Bye<|end|><|start|>assistant",
    );
  });

  it("writes arguments that are a string as they are, where a number would lose digits", async () => {
    const request = addition("numbers of many digits");
    expect(await bodyOf(request)).toContain('{"latitude": 35.6895, "big": 1.23457e+08}');
    expect(await bodyOf(withArgumentsAsWritten(request))).toContain('{"latitude":35.6894875,"big":123456789.125}');
  });

  it.each([
    ["an array without items", "a?: any[] | null,"],
    ["an enum with null", 'a?: "x" | null,'],
    ["an empty list of types", "a?: any,"],
    ["a tool without a description", "// \ntype f = () => any;"],
  ])("writes a schema that the model's own template fails on: %s", async (name, line) => {
    expect(await bodyOf(addition(name))).toContain(line);
  });

  it("keeps the thinking of a loop that no answer has closed", async () => {
    const closed = [...addition("two calls in one message").messages, answer("Sunny and rain."), user("Thanks")];
    const analysis = "<|start|>assistant<|channel|>analysis<|message|>Both.<|end|>";
    expect(await bodyOf(addition("two calls in one message"))).toContain(analysis);
    expect(await bodyOf({ ...addition("two calls in one message"), messages: closed })).not.toContain(analysis);
  });
});
