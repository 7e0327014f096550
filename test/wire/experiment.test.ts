import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type ExperimentDefinition, runExperiment, type RunExperimentOptions } from "../../src/index.ts";
import { callOf, type ChatBody, finalText, type ModelServer, thinkingThen } from "./support/model-server.ts";
import { expectEachRequestAlone, questions, recordedByOrder, startRecordedServer } from "./support/recording.ts";

expectEachRequestAlone();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-wire-"));
  await prompt("plain", "「{{word}}」を英語に訳してください。");
  await prompt("rules", "「{{word}}」を英語に訳してください。", "一語だけで答えてください。");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function prompt(name: string, body: string, system?: string): Promise<void> {
  const variables = Array.from(body.matchAll(/\{\{(\w+)\}\}/g), ([, variable]) => variable);
  const matter = [
    `name: ${name}`,
    ...(system === undefined ? [] : [`system: ${system}`]),
    `variables: [${variables.join(", ")}]`,
  ];
  await writeFile(join(folder, `${name}.md`), `---\n${matter.join("\n")}\n---\n\n${body}\n`);
}

const DEFINITION: ExperimentDefinition = {
  name: "words",
  prompts: ["plain.md"],
  cases: [
    { id: "inu", variables: { word: "犬" }, expected: "dog" },
    { id: "neko", variables: { word: "猫" }, expected: "cat" },
  ],
  settings: { effort: "low", max_tokens: 64 },
  checks: [{ type: "equals", value: "{{expected}}" }],
};

async function experiment(
  server: ModelServer,
  definition: Partial<ExperimentDefinition> = {},
  options: RunExperimentOptions = {},
) {
  return await runExperiment(
    { ...DEFINITION, ...definition },
    {
      folder,
      out: join(folder, "runs"),
      server: { baseUrl: server.baseUrl, apiKey: "secret" },
      environment: { GPT_OSS_CONFIG: join(folder, "none.yaml"), GPT_OSS_CACHE: join(folder, "cache") },
      ...options,
    },
  );
}

const replies = ({ messages }: ChatBody) =>
  thinkingThen("Hm.", finalText(String(messages.at(-1)?.["content"]).includes("犬") ? "dog" : "cat"));

describe("an experiment", () => {
  it.each(["fast", "exact"] as const)("asks each cell in one response, %s", async (mode) => {
    await using server = await startRecordedServer({ replies });
    const { results } = await experiment(server, { prompts: ["plain.md", "rules.md"], repeats: 2, seed: 5 }, { mode });
    expect(results.cells).toHaveLength(8);
    expect(results.variants.map(({ id, score }) => [id, score])).toMatchObject([
      [expect.stringContaining("plain"), { mean: 1 }],
      [expect.stringContaining("rules"), { mean: 1 }],
    ]);
    expect(recordedByOrder(server.exchanges)).toMatchSnapshot();
  });

  it("has a beginning that prompts share read beforehand, when the cache is used", async () => {
    const long = "これは共通の前置きです。".repeat(30);
    await prompt("long", `${long}{{word}}の一つ目。{{other}}`);
    const cases = ["a", "b", "c"].map((id) => ({ id, variables: { word: `${"前".repeat(210)}${id}`, other: id } }));
    const asked = async (mode: "fast" | "exact") => {
      await using server = await startRecordedServer();
      await experiment(
        server,
        { name: mode, prompts: ["long.md"], cases, checks: [{ type: "no_truncation" }] },
        { mode },
      );
      return recordedByOrder(server.exchanges).inOrder;
    };
    const [beginning, ...cells] = await asked("fast");
    expect(beginning).toMatchSnapshot("beginning");
    const chats = [1, 2, 3].map(() => "POST /v1/chat/completions");
    expect([beginning?.request, ...cells.map(({ request }) => request)]).toEqual(["POST /completion", ...chats]);
    expect((await asked("exact")).map(({ request }) => request)).toEqual(chats);
  });

  it("sends the history of a case, tools, temperatures and the date", async () => {
    await using server = await startRecordedServer({ replies: [callOf("look_up", { word: "犬" })] });
    const history = [
      { role: "user", content: "こんにちは" },
      { role: "assistant", content: "こんにちは。" },
    ] as const;
    const { results } = await experiment(server, {
      cases: [{ id: "inu", variables: { word: "犬" }, history: [...history] }],
      tools: [
        {
          name: "look_up",
          description: "辞書",
          parameters: { type: "object", properties: { word: { type: "string" } } },
        },
      ],
      settings: { effort: ["low", "high"], temperature: [0, 0.7], max_tokens: 32 },
      date: "2025-05-05",
      checks: [{ type: "tool_called", tool: "look_up", arguments: { word: "犬" } }],
    });
    expect(results.cells).toHaveLength(4);
    expect(recordedByOrder(server.exchanges)).toMatchSnapshot();
  });

  it("has its answers judged, in plain words or by a schema, after all cells", async () => {
    await prompt("judge", "「{{answer}}」は「{{expected}}」ですか。");
    const reply = (body: ChatBody) => {
      if (!JSON.stringify(body.messages).includes("ですか")) return replies(body);
      return finalText(body["grammar"] === undefined ? "はい" : '{"why":"同じ。","pass":true}');
    };
    await using server = await startRecordedServer({ replies: reply });
    const words = {
      type: "judge",
      name: "words",
      prompt: "judge.md",
      pass_pattern: "はい",
      fail_pattern: "いいえ",
    } as const;
    const schema = { type: "judge", name: "schema", prompt: "judge.md", max_tokens: 99 } as const;
    const { results } = await experiment(server, { checks: [words, schema] });
    expect(results.variants).toMatchObject([{ score: { mean: 1 } }]);
    expect(recordedByOrder(server.exchanges)).toMatchSnapshot();
  });

  it("asks a server that splits the channels", async () => {
    await using server = await startRecordedServer({ kind: "splitting-llama", replies: [{ raw: "dog" }] });
    await experiment(server);
    expect(recordedByOrder(server.exchanges)).toMatchSnapshot();
  });

  it("asks nothing again that its store knows", async () => {
    await using server = await startRecordedServer({ replies });
    await experiment(server);
    const asked = questions(server).length;
    const { plan } = await experiment(server);
    expect([plan.known, plan.todo, questions(server).length - asked]).toEqual([2, 0, 0]);
  });
});
