import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createAgent, fakeModel } from "langchain";
import { z } from "zod";
import {
  agentGuardMiddleware,
  createTerminalApproval,
  createChatPrompt,
  formatCitation,
  ConversationTooLongError,
  createChatModel,
  createMemory,
  createTools,
  createTool,
  DocumentIndex,
  GptOssError,
  HarmonyChannelOutputParser,
  IncompleteAnswerError,
  loadPrompt,
  findLostStructure,
  getPreamble,
  protectMarkdown,
  loadDocuments,
  getReasoning,
  splitMarkdown,
  splitText,
  getTimings,
  createTokenCounter,
  ToolError,
  createStreamingRunnable,
} from "../../src/index.ts";
import { AgentTurn } from "../../src/tools/agent-turn.ts";
import { approveByLine, refuseAll } from "../../src/tools/approval.ts";
import { describeToolEvent } from "../../src/tools/agent-guard.ts";
import { EFFORTS } from "../../src/config/effort.ts";
import {
  HarmonyParser,
  sanitizeControlTokens,
  parseHarmony,
  getHarmonyPurpose,
  renderHarmony,
  summarizeHarmony,
} from "../../src/harmony/index.ts";
import { joinSystemMessages } from "../../src/memory/history.ts";
import { Memory } from "../../src/memory/memory.ts";
import { parsePrompt, promptNames } from "../../src/prompts/prompts.ts";
import { parseToolSpec, splitToolWords, TOOL_KINDS, TOOL_WORDS } from "../../src/tools/tool-spec.ts";
import { sessionsFolder } from "../../src/memory/session-folder.ts";
import { STRATEGIES } from "../../src/memory/memory-options.ts";
import { callOf, finalText, startModelServer, thinkingThen } from "../wire/support/model-server.ts";
import { modelOn } from "../wire/support/models.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-library-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what comes back from a model", () => {
  it("has its thinking, preamble and times", async () => {
    const preamble = `<|channel|>commentary<|message|>待って。<|end|><|start|>assistant${callOf("f", {})}`;
    await using server = await startModelServer({ replies: [thinkingThen("考え中。", preamble)] });
    const tool = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } } as const;
    const answer = await (await modelOn(server)).bindTools([tool]).invoke("Hi");
    expect([getReasoning(answer), getPreamble(answer)]).toEqual(["考え中。", "待って。"]);
    expect(getTimings(answer)).toMatchObject({ answerTokensPerSecond: 100, promptTokensCached: 4 });
    expect([getReasoning(new AIMessage("x")), getPreamble(new AIMessage("x")), getTimings(new AIMessage("x"))]).toEqual(
      ["", "", undefined],
    );
  });

  it("is not lost when it breaks off", async () => {
    await using server = await startModelServer({
      replies: [{ raw: thinkingThen("Hm.", finalText("half of it")), finish: "cut" }],
    });
    const failure = await (await modelOn(server)).invoke("Hi").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(IncompleteAnswerError);
    expect((failure as IncompleteAnswerError).partialOutput.text).toBe("half of it");
  });

  it("is a refusal with the numbers when the conversation is too long", async () => {
    const error = "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it";
    await using server = await startModelServer({
      replies: [
        { status: 400, error, fields: { type: "exceed_context_size_error", n_prompt_tokens: 9_000, n_ctx: 8_192 } },
      ],
    });
    const failure = await (await modelOn(server)).invoke("Hi").catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ConversationTooLongError);
    expect(failure).toMatchObject({ promptTokens: 9_000, contextSize: 8_192 });
  });

  it("ends when it repeats itself, unless that is wanted", async () => {
    const piece = "the same words again and again, ".repeat(5);
    const endless = piece.repeat(40);
    const deltas = [{ content: finalText("") }, ...Array.from({ length: 40 }, () => ({ content: piece }))];
    const replies = [{ deltas, finish: "length" }];
    await using server = await startModelServer({ replies });
    const stopped = await (await modelOn(server)).invoke("Hi");
    expect(stopped.response_metadata).toMatchObject({ cut: "repetition" });
    expect(stopped.text.length).toBeLessThan(endless.length);
    expect((await (await modelOn(server, { stopRepetition: false })).invoke("Hi")).text).toBe(endless);
  });

  it("has the log probabilities that a server sends", async () => {
    const logprobs = { content: [{ token: "Hi", logprob: -0.5, bytes: null, top_logprobs: [] }] };
    await using server = await startModelServer({
      replies: [{ deltas: [{ content: finalText("Hi") }], choice: { logprobs } }],
    });
    const seen: unknown[] = [];
    const model = await modelOn(server);
    const handleLLMEnd = (output: { generations: { generationInfo?: Record<string, unknown> }[][] }) =>
      void seen.push(output.generations[0]?.[0]?.generationInfo?.["logprobs"]);
    expect((await model.invoke("Hi", { callbacks: [{ handleLLMEnd }] })).text).toBe("Hi");
    expect(seen).toEqual([logprobs]);
  });

  it.each([
    ["server-missing", {}, "demo"],
    ["model-missing", { GPT_OSS_LLAMA_SERVER: "llama-server" }, "gpt-oss-120b"],
  ])("is nothing without a server or a model: %s", async (code, named, model) => {
    const program = join(folder, "llama-server");
    await writeFile(program, '#!/bin/sh\necho "version: 0.5.0 (build 1, commit de3ff81)"\n');
    await chmod(program, 0o755);
    const given = { GPT_OSS_CACHE: folder, GPT_OSS_CONFIG: join(folder, "none"), HOME: folder, PATH: "/nowhere" };
    const environment = { ...given, ...("GPT_OSS_LLAMA_SERVER" in named && { GPT_OSS_LLAMA_SERVER: program }) };
    await expect(createChatModel({ model, environment })).rejects.toMatchObject({ code, exitStatus: 3 });
  });
});

describe("harmony", () => {
  const raw = thinkingThen("考え", callOf("f", { a: 1 }));

  it("is read whole, piece by piece, and written", () => {
    expect(summarizeHarmony(parseHarmony(raw))).toMatchObject({ reasoning: "考え", toolCalls: [{ name: "f" }] });
    const parser = new HarmonyParser();
    const events = [...Array.from(raw, (letter) => parser.push(letter)).flat(), ...parser.end()];
    expect(JSON.stringify(events)).toContain("analysis");
    expect(parseHarmony(raw).map((message) => getHarmonyPurpose(message))).toHaveLength(2);
    expect(renderHarmony([{ role: "user", content: "こんにちは" }])).toContain(
      "<|start|>user<|message|>こんにちは<|end|>",
    );
    expect(sanitizeControlTokens("<|end|>")).not.toContain("<|end|>");
  });

  it("is parsed into its channels by a chain", async () => {
    await using server = await startModelServer({ replies: [thinkingThen("考え", finalText("はい"))] });
    const texts = { analysis: "", commentary: "", final: "" };
    const chain = (await modelOn(server)).pipe(new HarmonyChannelOutputParser());
    for await (const { channel, text } of await chain.stream("Hi")) texts[channel as "final"] += text;
    expect(texts).toMatchObject({ analysis: "考え", final: "はい" });
  });
});

describe("documents", () => {
  it("are read, cut, indexed and cited", async () => {
    await writeFile(join(folder, "猫.md"), "# 猫\n\n吾輩は猫である。名前はまだ無い。\n\n# 犬\n\n犬は吠える。\n");
    await writeFile(join(folder, "picture.png"), new Uint8Array([137, 80, 78, 71, 0, 1, 2]));
    const files = await loadDocuments(folder);
    expect(files.map(({ path }) => path)).toEqual(["猫.md"]);
    const [found] = await new DocumentIndex(files).search("吾輩の名前", 1);
    expect(found && formatCitation(found)).toMatch(/^猫\.md/);
    await expect(loadDocuments(join(folder, "nowhere"))).rejects.toMatchObject({ code: "usage" });
  });

  it("keep their text and their structure when they are cut", async () => {
    const count = createTokenCounter(fakeModel());
    const text = "一つ目の文です。二つ目の文です。\n\n三つ目の文です。";
    const pieces = await splitText(text, 10, count);
    expect([pieces.join(""), pieces.length > 1]).toEqual([text, true]);
    const markdown = "# A\n\ntext\n\n```js\ncode\n```\n";
    const parts = await splitMarkdown(markdown, 5, count);
    expect(parts.map((part) => part.text).join("")).toBe(markdown);
    const hidden = protectMarkdown("See `code` and https://example.com.");
    expect(hidden.text).not.toContain("code");
    expect(hidden.restore(hidden.text)).toBe("See `code` and https://example.com.");
    expect([hidden.restore("lost"), findLostStructure("# A", "# B"), typeof findLostStructure("# A", "B")]).toEqual([
      undefined,
      undefined,
      "string",
    ]);
  });
});

describe("memory and prompts", () => {
  it("has its strategies, its folder and its messages", async () => {
    const history = new InMemoryChatMessageHistory();
    for (const strategy of STRATEGIES) {
      const memory = createMemory({ history, strategy });
      expect(memory).toBeInstanceOf(Memory);
      expect(await memory.invoke({ input: "Hi" })).toMatchObject({ input: "Hi" });
    }
    expect(sessionsFolder({ GPT_OSS_DATA: folder })).toBe(join(folder, "sessions"));
    const joined = joinSystemMessages([new SystemMessage("a"), new SystemMessage("b"), new HumanMessage("c")]);
    expect(joined.map(({ text }) => text)).toEqual(["a\n\nb", "c"]);
  });

  it("knows its prompts by name, and reads others", async () => {
    for (const name of promptNames()) expect(loadPrompt(name).body).not.toBe("");
    const prompt = parsePrompt("---\nname: x\nvariables: [a]\n---\n\n{{a}}!\n", "x.md");
    expect(
      (await createChatPrompt(prompt, "{{taken as it is}}").formatMessages({ a: "俳句" })).map(({ text }) => text),
    ).toEqual(["{{taken as it is}}", "俳句!"]);
    expect(() => parsePrompt("nothing", "x.md")).toThrow(GptOssError);
  });

  it("sends each effort", async () => {
    await using server = await startModelServer();
    for (const effort of EFFORTS) await (await modelOn(server, { effort })).invoke("Hi");
    const sent = server.exchanges.map(
      ({ body }) => (body as { reasoning_effort?: string } | undefined)?.reasoning_effort,
    );
    expect(sent.filter(Boolean)).toEqual([...EFFORTS]);
  });
});

describe("tools", () => {
  it("are named by words", async () => {
    expect(parseToolSpec(String.raw`calculator, files:~/a\,b`, "/home/u")).toEqual([
      { kind: "calculator" },
      { kind: "files", path: "/home/u/a,b" },
    ]);
    expect(splitToolWords(`on clock、"read:my texts"`)).toEqual(["on", "clock", "read:my texts"]);
    expect(TOOL_WORDS).toHaveLength(TOOL_KINDS.length);
    for (const kind of TOOL_KINDS) expect(TOOL_WORDS.some((word) => word.startsWith(kind))).toBe(true);
    expect(() => parseToolSpec("telepathy")).toThrow(/telepathy/);
    await mkdir(join(folder, "texts"));
    await using box = await createTools(`clock,files:${join(folder, "texts")}`, {
      approve: refuseAll,
      environment: {},
    });
    const write = box.tools.find(({ name }) => name === "write_file");
    await expect(write?.invoke({ path: "a.txt", content: "x" })).rejects.toThrow(/refused/);
  });

  it("ask a person: by a line, or on a terminal", async () => {
    const request = { tool: "write_file", question: "Write a.txt?", detail: "+x\n", scope: "write_file" };
    const shown: string[] = [];
    const answers = ["yes", "はい", "a", "no", undefined];
    const approve = approveByLine(
      () => Promise.resolve(answers.shift()),
      (text) => shown.push(text),
    );
    const given = [];
    for (let turn = 0; turn < 5; turn++) given.push(await approve(request));
    expect([given, shown[0]]).toEqual([
      ["once", "once", "session", "refused", "refused"],
      expect.stringContaining("+x\n"),
    ]);
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const asked = createTerminalApproval({ input, output: new PassThrough() })(request);
    input.write("y\n");
    expect(await asked).toBe("once");
    expect(await createTerminalApproval({ input: Object.assign(new PassThrough(), { isTTY: false }) })(request)).toBe(
      "refused",
    );
  });

  it("are guarded in an agent of one's own", async () => {
    const weather = createTool({
      name: "weather",
      description: "Weather",
      schema: z.object({ city: z.string() }),
      run: () => {
        throw new ToolError("no weather");
      },
    });
    const call = (id: string) =>
      new AIMessage({ content: "", tool_calls: [{ id, name: "weather", args: { city: "Lima" }, type: "tool_call" }] });
    const lines: string[] = [];
    const guard = agentGuardMiddleware({
      limits: { modelCalls: 2 },
      onToolEvent: (event) => lines.push(describeToolEvent(event)),
    });
    const model = fakeModel().respond(call("1")).respond(call("2")).respond(new AIMessage("never"));
    const loop = createAgent({ model, tools: [weather], middleware: [guard] });
    const turn = new AgentTurn({});
    const parts: string[] = [];
    const reading = async () => {
      for await (const { text } of turn.run((options) => loop.stream({ messages: [new HumanMessage("?")] }, options)))
        parts.push(text);
    };
    await expect(reading()).rejects.toMatchObject({ code: "agent-stopped" });
    expect(lines).toMatchObject([
      expect.stringContaining('weather {"city":"Lima"}'),
      expect.stringMatching(/weather: /),
      expect.any(String),
      expect.any(String),
    ]);
  });
});

describe("a runnable from a generator", () => {
  it("ends at once when its reader leaves", async () => {
    let isAborted = false;
    const chain = createStreamingRunnable<string, number>({
      name: "own",
      async *generate(_input, { signal }) {
        yield 1;
        await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
        isAborted = true;
      },
    });
    for await (const value of await chain.stream("")) {
      expect(value).toBe(1);
      break;
    }
    expect(isAborted).toBe(true);
  });
});
