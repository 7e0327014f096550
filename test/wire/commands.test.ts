import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine, type TypedCommand, typeCommandLine } from "../support/command-line.ts";
import { callOf, finalText, type ModelServer, thinkingThen } from "./support/model-server.ts";
import { expectEachRequestAlone, questions, recorded, startRecordedServer } from "./support/recording.ts";

expectEachRequestAlone();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-wire-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = (server: ModelServer) => ({
  OPENAI_BASE_URL: server.baseUrl,
  OPENAI_API_KEY: "secret",
  GPT_OSS_DATA: join(folder, "data"),
  GPT_OSS_CACHE: join(folder, "cache"),
  GPT_OSS_CONFIG: join(folder, "config.yaml"),
});

async function run(server: ModelServer, words: readonly string[], input = ""): Promise<string> {
  const { status, stdout, stderr } = await runCommandLine(words, { environment: environment(server), folder, input });
  expect({ status, saidOfFailure: status === 0 ? "" : stderr }).toEqual({ status: 0, saidOfFailure: "" });
  return stdout;
}

async function chatOn(server: ModelServer, ...words: string[]): Promise<TypedCommand> {
  const chat = typeCommandLine(["chat", ...words], { environment: environment(server), folder });
  await chat.expect(/You: /);
  return chat;
}

/** Types lines, each after the prompt that follows the one before, and leaves. */
async function say(chat: TypedCommand, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    chat.type(`${line}\r`);
    await chat.expect(/[^]*You: $/);
  }
  chat.type("exit\r");
  expect((await chat.result).status).toBe(0);
}

describe("gpt-oss ask", () => {
  it("sends a question alone", async () => {
    await using server = await startRecordedServer({ replies: [finalText("こんにちは。")] });
    expect(await run(server, ["ask", "こんにちは"])).toBe("こんにちは。\n");
    expect(recorded(server.exchanges)).toMatchSnapshot();
  });

  it("sends what is piped in and the files that are mentioned below the question", async () => {
    await writeFile(join(folder, "猫.txt"), "吾輩は猫である。\n");
    await using server = await startRecordedServer();
    await run(server, ["ask", "Summarize", "@猫.txt"], "piped in\n");
    expect(recorded(questions(server), { [folder]: "<folder>" })).toMatchSnapshot();
  });

  it("sends a system message, a prompt with its variables, and all of its flags", async () => {
    await writeFile(join(folder, "system.txt"), "あなたは編集者です。\n");
    await writeFile(
      join(folder, "greet.md"),
      "---\nname: greet\nsystem: Greet in {{language}}.\nvariables: [language, input]\n---\n\nGreet {{input}}.\n",
    );
    await using server = await startRecordedServer();
    await run(server, ["ask", "Hello", "--system", "Be brief."]);
    await run(server, [
      "ask",
      "Alice",
      "--prompt",
      join(folder, "greet.md"),
      "--var",
      "language=Japanese",
      "--system",
      "@system.txt",
    ]);
    await run(server, ["ask", "Hello", "--prompt", "summarize-text", "--var", "words=9", "--var", "text=A text."]);
    await run(server, ["ask", "Hello", "--model", "gpt-oss-120b", "--effort", "high", "--max-tokens", "7"]);
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it.each(["ours", "splitting-llama", "foreign"] as const)("sends a schema, to a server that is %s", async (kind) => {
    const json = '{"name":"Alice"}';
    await using server = await startRecordedServer({
      kind,
      replies: [kind === "ours" ? finalText(json) : { deltas: [{ content: json }] }],
    });
    const schema = {
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
      additionalProperties: false,
    };
    expect(await run(server, ["ask", "Who?", "--schema", JSON.stringify(schema)])).toBe(`${json}\n`);
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("sends the same for programs", async () => {
    await using server = await startRecordedServer();
    await run(server, ["ask", "Hello"]);
    expect(JSON.parse(await run(server, ["ask", "Hello", "--json"]))).toMatchObject({ final: "Hello." });
    expect(await run(server, ["ask", "Hello", "--jsonl"])).toContain('{"type":"end"');
    const [plain, ...others] = questions(server);
    expect(others).toEqual([plain, plain]);
  });
});

describe("gpt-oss chat", () => {
  it("sends each line of a pipe with what was said before", async () => {
    const replies = [thinkingThen("猫。", finalText("たま。")), finalText("たまです。")];
    await using server = await startRecordedServer({ replies });
    expect(await run(server, ["chat"], "猫の名前はたま\n猫の名前は？\n")).toContain("たまです。");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("sends what its settings say", async () => {
    await using server = await startRecordedServer();
    const chat = await chatOn(server);
    await say(
      chat,
      "/effort low",
      "/system 短く答えて。",
      "/set temperature 0.2",
      "/set top_p 0.9",
      "/set max_tokens 77",
      "/set seed 42",
      "Hello",
      "/model gpt-oss-120b",
      "/system -",
      "/set seed -",
      "Hello again",
    );
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("takes turns back, and asks again", async () => {
    await using server = await startRecordedServer({
      replies: [finalText("One."), finalText("Two."), finalText("Three."), finalText("Four.")],
    });
    await say(await chatOn(server), "first", "second", "/retry", "/undo 2", "third");
    expect(recorded(questions(server)).map(({ body }) => (body as { messages: unknown }).messages)).toMatchSnapshot();
  });

  it.each([
    ["the answer", finalText("1 2 3 4")],
    ["the thinking", "<|channel|>analysis<|message|>I count to four"],
  ])("resumes an answer that was interrupted in %s", async (_where, hangs) => {
    await using server = await startRecordedServer({ replies: [{ hangs }, "5 6"] });
    const chat = await chatOn(server, "--show-thinking");
    chat.type("Count.\r");
    await chat.expect(/1 2 3 4|count to four/);
    chat.type("\u0003");
    await chat.expect(/You: /);
    await say(chat, "/continue");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("sends tools and their results, and asks before one acts", async () => {
    const replies = [
      callOf("calculator", { expression: "1980*1.1" }),
      callOf("remember", { text: "名前は田中" }),
      finalText("はい。"),
      finalText("2178"),
    ];
    await using server = await startRecordedServer({ replies });
    const chat = await chatOn(server, "--tools", "calculator,notes");
    chat.type("計算して覚えて\r");
    await chat.expect(
      /Remember this in later conversations\?[^]*名前は田中|名前は田中[^]*Remember this in later conversations\?/,
    );
    chat.type("y\r");
    await chat.expect(/はい。[^]*You: /);
    await say(chat, "/tools off notes", "結果は？");
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("runs the commands of --allow without asking, and refuses others without a terminal", async () => {
    const replies = [
      callOf("container_exec", { command: ["echo", "first"] }),
      callOf("container_exec", { command: ["echo", "second"] }),
      finalText("Done."),
    ];
    await using server = await startRecordedServer({ replies });
    const words = ["chat", "--tools", `code:${folder}`, "--allow", "echo first"];
    expect(await run(server, words, "Run both.\n")).toBe("Done.\n");
    const { messages } = Object(questions(server).at(-1)?.body) as { messages: { role: string; content: string }[] };
    const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
    expect(results[0]).toContain("first");
    expect(results[1]).not.toContain("second\n");
    expect(results[1]).toMatch(/refused|approv/);
  });

  const long = (text: string) => `${text} ${"word ".repeat(50)}`;

  it.each(["summary", "window"])("fits a long conversation into the context: %s", async (strategy) => {
    const replies = ({ messages }: { messages: readonly unknown[] }) =>
      finalText(/summar/i.test(JSON.stringify(messages)) ? "Alice lives in Lima." : "I see.");
    await using server = await startRecordedServer({ contextSize: 400, replies });
    await run(
      server,
      ["chat", "--memory", strategy],
      `${long("I am Alice.")}\n${long("I live in Lima.")}\n${long("I like tea.")}\n${long("Who am I?")}\n`,
    );
    expect(recorded(questions(server))).toMatchSnapshot();
  });

  it("refuses what does not fit, or leaves out its middle", async () => {
    await using server = await startRecordedServer({ contextSize: 400 });
    const words = `begin ${"word ".repeat(500)} end\n`;
    const none = await runCommandLine(["chat", "--memory", "none"], {
      environment: environment(server),
      folder,
      input: words,
    });
    expect(none.status).toBe(4);
    expect(questions(server)).toEqual([]);
    await run(server, ["chat", "--cut-long"], words);
    const [sent] = questions(server);
    expect(JSON.stringify(sent?.body)).toMatch(/begin word .*left out.*word {2}end/);
  });
});
