import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import {
  createToolAgent,
  createToolAgentChannels,
  createDocumentQA,
  createComparison,
  createConversation,
  createConversationChannels,
  createExtractor,
  createRouter,
  createSummarizer,
  createTranslator,
} from "../../chains/index.ts";
import { packageFile } from "../../src/platform/folders.ts";
import {
  createMemory,
  createTools,
  createTool,
  type HarmonyPart,
  ServerTokenCounter,
  ToolError,
} from "../../src/index.ts";
import { callOf, finalText, type ModelServer, thinkingThen } from "./support/model-server.ts";
import { modelOn } from "./support/models.ts";
import { expectEachRequestAlone, questions, recorded, startRecordedServer } from "./support/recording.ts";

expectEachRequestAlone();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-wire-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const weather = createTool({
  name: "get_weather",
  description: "Weather of a city.",
  schema: z.object({ city: z.string().describe("都市") }),
  run: ({ city }) => {
    if (city === "Atlantis") throw new ToolError("Atlantis is under water.");
    return `Sunny in ${city}.`;
  },
});

async function partsOf(stream: Promise<AsyncIterable<HarmonyPart>>): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { channel, text } of await stream) texts[channel] = (texts[channel] ?? "") + text;
  return texts;
}

describe("a conversation", () => {
  it("sends each question with the answers before it, and without their thinking", async () => {
    await using server = await startRecordedServer({
      replies: [thinkingThen("猫。", finalText("たまです。")), finalText("はい。")],
    });
    const chat = createConversation({ model: await modelOn(server) });
    expect(await chat.invoke("私の猫の名前を覚えて：たま")).toBe("たまです。");
    expect(await chat.invoke("猫の名前は？")).toBe("はい。");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("streams every channel", async () => {
    const raw = thinkingThen(
      "Hm.",
      "<|channel|>commentary<|message|>Wait.<|end|><|start|>assistant" + finalText("Hi."),
    );
    await using server = await startRecordedServer({ replies: [raw] });
    const chat = createConversationChannels({ model: await modelOn(server) });
    expect(await partsOf(chat.stream("Hello"))).toEqual({ analysis: "Hm.", commentary: "Wait.", final: "Hi." });
  });

  async function longTalk(server: ModelServer, strategy: "summary" | "window") {
    const history = new InMemoryChatMessageHistory();
    for (const text of ["My name is Alice.", "I live in Lima.", "I like tea."])
      await history.addMessages([new HumanMessage(`${text} ${"word ".repeat(60)}`), new AIMessage("I see.")]);
    const model = await modelOn(server);
    const counter = new ServerTokenCounter({ baseUrl: server.baseUrl, apiKey: "secret" });
    const budget = { context: 300, room: 60, counter };
    const memory = createMemory({ history, model, strategy, budget });
    return createConversation({ model, memory });
  }

  it("that has grown too long is sent with a summary", async () => {
    const replies = [finalText("The user is Alice from Lima."), finalText("Alice.")];
    await using server = await startRecordedServer({ replies });
    expect(await (await longTalk(server, "summary")).invoke("Who am I?")).toBe("Alice.");
    expect(recorded(questions(server))).toMatchSnapshot();
    expect(server.exchanges.some(({ path }) => path.endsWith("/input_tokens"))).toBe(true);
  });

  it("that has grown too long is sent from its first turn that fits", async () => {
    await using server = await startRecordedServer({ replies: [finalText("You like tea.")] });
    expect(await (await longTalk(server, "window")).invoke("What do I like?")).toBe("You like tea.");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("has its system messages joined", async () => {
    const history = new InMemoryChatMessageHistory([
      new SystemMessage("Be brief."),
      new HumanMessage("Hi"),
      new AIMessage("Hi."),
    ]);
    await using server = await startRecordedServer();
    await createConversation({ model: await modelOn(server), memory: history }).invoke("Hello");
    expect(recorded(questions(server))).toMatchSnapshot();
  });
});

describe("an agent", () => {
  it("sends each call with its result, and the thinking of the open turn", async () => {
    const replies = [
      thinkingThen("Lima first.", callOf("get_weather", { city: "Lima" })),
      thinkingThen("Now Atlantis.", callOf("get_weather", { city: "Atlantis" })),
      thinkingThen("Enough.", finalText("Sunny in Lima.")),
      finalText("Lima."),
    ];
    await using server = await startRecordedServer({ replies });
    const asked = createToolAgent({
      model: await modelOn(server),
      tools: [weather],
      memory: new InMemoryChatMessageHistory(),
    });
    expect(await asked.invoke("Weather in Lima and Atlantis?")).toBe("Sunny in Lima.");
    expect(await asked.invoke("Which city is sunny?")).toBe("Lima.");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("sends the calls that were made at once one after the other", async () => {
    const both = `${callOf("get_weather", { city: "Lima" })}<|start|>assistant${callOf("get_weather", { city: "Oslo" })}`;
    await using server = await startRecordedServer({ replies: [thinkingThen("Both.", both), finalText("Sunny.")] });
    const parts = await partsOf(
      createToolAgentChannels({ model: await modelOn(server), tools: [weather] }).stream("Weather?"),
    );
    expect(parts).toMatchObject({ analysis: "Both.", final: "Sunny." });
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("sends a call that it can't make with what is wrong with it", async () => {
    const replies = [callOf("get_wether", {}), callOf("get_weather", { town: "Lima" }), finalText("I can't.")];
    await using server = await startRecordedServer({ replies });
    expect(await createToolAgent({ model: await modelOn(server), tools: [weather] }).invoke("Weather?")).toBe(
      "I can't.",
    );
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("offers the tools of MCP servers, and the files of a folder", async () => {
    await writeFile(join(folder, "猫.txt"), "吾輩は猫である。名前はまだ無い。\n");
    const mcp = {
      mcpServers: { weather: { command: process.execPath, args: [packageFile("test/wire/support/weather-mcp.mjs")] } },
    };
    await writeFile(join(folder, "mcp.json"), JSON.stringify(mcp));
    const replies = [
      callOf("weather__weather", { city: "京都" }),
      callOf("read_file", { path: "猫.txt" }),
      finalText("晴れ。"),
    ];
    await using server = await startRecordedServer({ replies });
    const approve = () => Promise.resolve("once" as const);
    await using box = await createTools(`mcp:${join(folder, "mcp.json")},read:${folder},calculator`, { approve });
    expect(await createToolAgent({ model: await modelOn(server), tools: box.tools }).invoke("天気と猫")).toBe("晴れ。");
    expect(recorded(questions(server), { [folder]: "<folder>" })).toMatchSnapshot();
  });

  it("resumes an interrupted turn with the calls that were made and the answer as far as it came", async () => {
    await using server = await startRecordedServer({ replies: ["in Lima."] });
    const calls = [
      new AIMessage({
        content: "",
        tool_calls: [{ id: "c", name: "get_weather", args: { city: "Lima" }, type: "tool_call" }],
      }),
      await weather.invoke({ id: "c", name: "get_weather", args: { city: "Lima" }, type: "tool_call" }),
    ];
    const resume = { calls, from: { channel: "final", text: "Sunny" }, lead: " " } as const;
    const asked = createToolAgent({ model: await modelOn(server), tools: [weather], resume });
    expect(await asked.invoke("Weather?")).toMatch(/in Lima\.$/);
    expect(recorded(questions(server))).toMatchSnapshot();
  });
});

describe("the other chains", () => {
  it("ask about files, with the places that fit", async () => {
    await writeFile(join(folder, "tea.md"), "# Tea\n\nTea is made of leaves.\n");
    await writeFile(join(folder, "川.txt"), "川の水は冷たい。\n");
    await using server = await startRecordedServer({ embeds: true, replies: [finalText("Of leaves [1].")] });
    const answer = await createDocumentQA({ model: await modelOn(server), path: folder, places: 1 }).invoke(
      "What is tea made of?",
    );
    expect(answer).toMatch(/tea\.md/);
    expect(recorded(server.exchanges.slice(2), { [folder]: "<folder>" })).toMatchSnapshot();
  });

  it("extract, route, summarize and translate", async () => {
    await using server = await startRecordedServer({
      replies: [
        finalText('{"name":"Alice"}'),
        finalText('{"route":"other"}'),
        finalText("Short."),
        finalText("お茶です。"),
      ],
    });
    const model = await modelOn(server);
    expect(await createExtractor({ model, schema: z.object({ name: z.string() }) }).invoke("I am Alice.")).toEqual({
      name: "Alice",
    });
    const say = (text: string) => RunnableLambda.from<string, string>(() => text);
    const routes = {
      tea: { when: "It is about tea.", chain: say("tea") },
      other: { when: "It is about anything else.", chain: say("other") },
    };
    await createRouter({ model, routes }).invoke("What about coffee?");
    expect(await createSummarizer({ model, words: 10 }).invoke("A long text.")).toBe("Short.");
    const translated = createTranslator({ model, to: "Japanese", glossary: { tea: "お茶" } });
    expect(await translated.invoke("This is tea.")).toBe("お茶です。");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("compare variants one after the other", async () => {
    await using server = await startRecordedServer({ replies: [finalText("A."), finalText("B.")] });
    const model = await modelOn(server);
    const variants = {
      low: createConversation({ model: model.withConfig({ effort: "low" }) }),
      high: createConversation({ model: model.withConfig({ effort: "high" }) }),
    };
    expect(await createComparison({ variants }).invoke("Hi")).toMatchObject([
      { variant: "low", text: "A." },
      { variant: "high", text: "B." },
    ]);
    expect(
      recorded(questions(server)).map(({ body }) => (body as { reasoning_effort?: string }).reasoning_effort),
    ).toEqual(["low", "high"]);
  });
});
