import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tool } from "@langchain/core/tools";
import { RunnableLambda } from "@langchain/core/runnables";
import { AIMessage } from "@langchain/core/messages";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createToolAgent } from "../../../chains/index.ts";
import {
  type CodeExperimentDefinition,
  type ProgramFunction,
  runExperiment,
  type RunExperimentOptions,
  type VariantSource,
} from "../../../src/index.ts";
import { runCommandLine } from "../../support/command-line.ts";
import {
  callOf,
  type ChatBody,
  finalText,
  type ModelServer,
  startModelServer,
} from "../../wire/support/model-server.ts";
import { chatsOf, environmentIn, optionsIn, useFolder } from "../support/model-runs.ts";

const folder = useFolder();

type Definition = Omit<CodeExperimentDefinition, "variants">;
const DEFINITION: Definition = {
  name: "programs",
  cases: ["1+1", "2+2", "3+3"].map((q) => ({ id: q, variables: { q } })),
  settings: { effort: "low", temperature: 0.5, max_tokens: 99 },
  checks: [{ type: "no_truncation" }],
};

async function run(
  server: ModelServer,
  variants: Readonly<Record<string, VariantSource>>,
  definition: Partial<Definition> = {},
  options: RunExperimentOptions = {},
) {
  return await runExperiment(
    { ...DEFINITION, ...definition, variants },
    { ...optionsIn(folder(), server), ...options },
  );
}

const asksOf = (server: ModelServer) => chatsOf(server).filter(({ max_tokens: most }) => most === 99);
const said = ({ messages }: ChatBody) => String(messages.at(-1)?.["content"]);
const ask: ProgramFunction = async ({ variables }, { model }) => await model.invoke(`What is ${variables["q"]}?`);

describe("variants in code", () => {
  it("are prompts, functions and chains, and may return text, a message or parts", async () => {
    await using server = await startModelServer({ replies: (body) => finalText(`<${said(body)}>`) });
    const chain = RunnableLambda.from((input: Record<string, unknown>) => `chain of ${String(input["q"])}`);
    const { results } = await run(server, {
      text: "Add {{q}}",
      message: ask,
      parts: () => ({ text: "parts", toolCalls: [{ name: "add", args: { a: 1 } }] }),
      state: () => ({ messages: [new AIMessage("state")] }),
      object: () => ({ sum: 2 }),
      chain,
      built: (_testCase, { model }) => RunnableLambda.from(() => "built").withConfig({ tags: [model.model] }),
    });
    const first = results.cells.filter(({ case: id }) => id === "1+1");
    expect(first.map(({ variant, answer }) => [variant, answer?.final])).toEqual([
      ["text", "<Add 1+1>"],
      ["message", "<What is 1+1?>"],
      ["parts", "parts"],
      ["state", "state"],
      ["object", '{"sum":2}'],
      ["chain", "chain of 1+1"],
      ["built", "built"],
    ]);
    expect(first[2]?.answer?.toolCalls).toEqual([{ name: "add", arguments: '{"a":1}' }]);
    expect(results.comparisons).toHaveLength(6);
  });

  it("have a model that is bound to the seed and the settings, and whose calls are recorded", async () => {
    await using server = await startModelServer({ replies: () => finalText("two") });
    const { results } = await run(server, { ask }, { repeats: 2, seed: 7, cases: [{ variables: { q: "1+1" } }] });
    expect(asksOf(server).map(({ seed, temperature }) => [seed, temperature])).toEqual([
      [7, 0.5],
      [8, 0.5],
    ]);
    expect(JSON.stringify(asksOf(server)[0])).toMatch(/2026-01-01/);
    expect(results.cells[0]?.answer).toMatchObject({
      final: "two",
      finishReason: "stop",
      tokens: { prompt: expect.any(Number), generated: 5 },
      steps: [{ final: "two", toolCalls: [] }],
    });
    expect(results.cells[0]?.answer?.generationMs).toBeGreaterThan(0);
  });

  it("do not see what the checks expect", async () => {
    await using server = await startModelServer();
    let seen: object = {};
    const cases = [{ variables: { q: "1" }, expected: "secret" }];
    await run(server, { look: (testCase) => JSON.stringify((seen = testCase)) }, { cases });
    expect(seen).toEqual({ id: "case-1", variables: { q: "1" }, history: [], turns: [] });
  });

  it("run again each time without a version, but no call of the model is paid twice", async () => {
    await using server = await startModelServer();
    let runs = 0;
    const counting: ProgramFunction = async (testCase, context) => {
      runs++;
      return await ask(testCase, context);
    };
    const first = await run(server, { counting });
    const second = await run(server, { counting });
    expect([runs, asksOf(server).length]).toEqual([6, 3]);
    expect(second.path).toBe(first.path);
    expect(second.plan).toMatchObject({ cells: 3, known: 0 });
    await run(server, { counting }, {}, { fresh: true });
    expect(asksOf(server)).toHaveLength(6);
    const versioned = { counting: { run: counting, version: "1" } };
    await run(server, versioned);
    const known = await run(server, versioned);
    expect([runs, known.plan.known]).toEqual([12, 3]);
    await run(server, { counting: { run: counting, version: "2" } });
    expect([runs, asksOf(server).length]).toEqual([15, 6]);
  });

  it("that fail are errors, which do not count", async () => {
    await using server = await startModelServer();
    const fails: ProgramFunction = ({ id }) => {
      if (id === "2+2") throw new Error("no such sum");
      return "ok";
    };
    const { results } = await run(server, { fails });
    expect(results.variants[0]).toMatchObject({ answered: 2, errors: 1, score: { mean: 1 } });
    expect(results.cells[1]?.error).toMatch(/threw: no such sum/);
  });

  it("end with the server", async () => {
    await using server = await startModelServer({ replies: [{ breaks: true }] });
    await expect(run(server, { ask })).rejects.toMatchObject({ code: "server-unreachable" });
  });

  it("are interrupted", async () => {
    await using server = await startModelServer();
    const stop = new AbortController();
    const waits: ProgramFunction = async (_testCase, { signal }) => {
      stop.abort();
      return await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      });
    };
    await expect(run(server, { waits }, {}, { signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
  });

  it("is refused where it is none", async () => {
    await using server = await startModelServer();
    await expect(run(server, { none: 3 as unknown as string })).rejects.toMatchObject({ code: "usage" });
    await expect(run(server, {})).rejects.toMatchObject({ code: "usage" });
  });
});

/** A scripted model that calls the tool only when it is told to, and is right only then. */
const agentReplies = ({ messages }: ChatBody) => {
  const told = JSON.stringify(messages).includes("Add with the tool");
  const last = messages.at(-1);
  if (last?.["role"] === "tool") return finalText(String(last["content"]));
  const question = String(messages.findLast(({ role }) => role === "user")?.["content"]);
  const [a = 0, b = 0] = question.split("+").map(Number);
  // without the tool it is right for even numbers
  return told ? callOf("add", { a, b }) : finalText(a % 2 === 0 ? String(a + b) : "0");
};

const add = tool(({ a, b }: { a: number; b: number }) => String(a + b), {
  name: "add",
  description: "Adds two numbers",
  schema: z.object({ a: z.number(), b: z.number() }),
});

describe("two agents", () => {
  it("are told apart where the difference is known, with their trajectories", async () => {
    await using server = await startModelServer({ replies: agentReplies });
    const agent =
      (system: string): ProgramFunction =>
      ({ variables }, { model, signal }) =>
        createToolAgent({ model, tools: [add], system }).invoke({ input: variables["q"] ?? "" }, { signal });
    const cases = Array.from({ length: 16 }, (_, index) => ({
      id: `sum-${index}`,
      variables: { q: `${index}+1` },
      expected: String(index + 1),
    }));
    const { results } = await run(
      server,
      { plain: agent("Answer."), told: agent("Add with the tool.") },
      { cases, checks: [{ type: "equals", value: "{{expected}}" }] },
    );
    expect(results.variants.map(({ score }) => score?.mean)).toEqual([0.5, 1]);
    expect(results.comparisons).toMatchObject([
      { variant: "told", verdict: "better", difference: { mean: 0.5 }, gained: { length: 8 } },
    ]);
    const told = results.cells.find(({ variant }) => variant === "told");
    expect(told?.answer).toMatchObject({
      toolCalls: [{ name: "add", arguments: '{"a":0,"b":1}' }],
      steps: [{ toolCalls: [{ name: "add", result: "1" }] }, { final: "1" }],
    });
  });
});

const MODULE = `export default async ({ variables }, { model, options }) => {
  if (options.hang) for (;;);
  if (options.exit) process.exit(1);
  const answer = await model.invoke(String(options.word ?? "What is") + " " + variables.q);
  return { text: answer.text.toUpperCase() };
};
`;

describe("variants that are modules", () => {
  const yaml = (variant: string) => `name: modules
variants:
  - { name: base, prompt: "What is {{q}}" }
  - ${variant}
cases: [{ id: a, variables: { q: "1+1" } }, { id: b, variables: { q: "2+2" } }]
settings: { max_tokens: 99 }
checks: [{ type: no_truncation }]
`;
  const experiment = async (server: ModelServer, variant: string, ...flags: readonly string[]) => {
    await writeFile(join(folder(), "modules.yaml"), yaml(variant));
    return await runCommandLine(
      ["experiment", "run", "modules.yaml", "--base-url", server.baseUrl, "--out", join(folder(), "runs"), ...flags],
      { environment: environmentIn(folder()), folder: folder() },
    );
  };
  const AGENT = "{ name: agent, module: agent.mjs, with: { word: Add } }";

  beforeEach(() => writeFile(join(folder(), "agent.mjs"), MODULE));

  it("run in a thread, and again only when they change", async () => {
    await using server = await startModelServer({ replies: (body) => finalText(`say ${said(body)}`) });
    const first = await experiment(server, AGENT, "--allow-javascript", "--format", "json");
    expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/4 results .*0 cached, 4 to run/) });
    const { cells } = JSON.parse(first.stdout) as { cells: { variant: string; answer?: { final: string } }[] };
    expect(cells.map(({ variant, answer }) => [variant, answer?.final])).toEqual([
      ["base", "say What is 1+1"],
      ["base", "say What is 2+2"],
      ["agent", "SAY ADD 1+1"],
      ["agent", "SAY ADD 2+2"],
    ]);
    const second = await experiment(server, AGENT, "--allow-javascript");
    expect(second.stderr).toMatch(/4 cached, 0 to run/);
    expect(asksOf(server)).toHaveLength(4);
    // another program, but the same questions to the model
    await writeFile(join(folder(), "agent.mjs"), MODULE.replace("toUpperCase", "toLowerCase"));
    const third = await experiment(server, AGENT, "--allow-javascript", "--format", "csv");
    expect(third.stderr).toMatch(/2 cached, 2 to run/);
    expect(third.stdout).toContain("say add 1+1");
    expect(asksOf(server)).toHaveLength(4);
    expect(await readFile(join(folder(), "runs", "modules", "calls.jsonl"), "utf8")).toMatch(/^(\{.*\}\n){2}$/);
  });

  it("run only when that is allowed", async () => {
    await using server = await startModelServer();
    const { status, stderr } = await experiment(server, AGENT);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining("--allow-javascript") });
    expect(asksOf(server)).toEqual([]);
  });

  it.each([
    ["hang", /did not finish within 0\.5 s/],
    ["exit", /ended its thread/],
  ])("are stopped when they %s", async (what, says) => {
    await using server = await startModelServer();
    const variant = `{ name: agent, module: agent.mjs, with: { ${what}: true }, time_limit: 0.5 }`;
    const { status, stderr } = await experiment(server, variant, "--allow-javascript");
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(says) });
  });

  it.each([
    ["{ name: agent, module: none.mjs }", /line 4.*none\.mjs/],
    ["{ name: agent, module: agent.py }", /line 4/],
    ["{ name: base, module: agent.mjs }", /base/],
    ["{ name: agent, prompt: a.md, system: Be brief. }", /line 4/],
    ["{ name: agent }", /line 4/],
  ])("are refused with their line: %s", async (variant, says) => {
    await using server = await startModelServer();
    const { status, stderr } = await experiment(server, variant, "--allow-javascript");
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
  });
});

describe("variants with settings of their own", () => {
  it("differ in effort, tools and the form of the answer", async () => {
    await using server = await startModelServer({ replies: [finalText('{"a":1}')] });
    const schema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
    await runExperiment(
      {
        name: "own",
        variants: [
          { name: "base", prompt: "Say {{q}}" },
          { name: "careful", prompt: "Say {{q}}", system: "Think.", effort: "high", temperature: 0 },
          { name: "form", prompt: "Say {{q}}", response_schema: schema },
          { name: "tools", prompt: "Say {{q}}", tools: [{ name: "look" }] },
        ],
        cases: [{ variables: { q: "x" } }],
        settings: { max_tokens: 99, effort: "low" },
        checks: [{ type: "no_truncation" }],
      },
      {
        folder: folder(),
        out: join(folder(), "runs"),
        server: { baseUrl: server.baseUrl },
        environment: environmentIn(folder()),
      },
    );
    const bodies = asksOf(server).map((body) => JSON.stringify(body));
    expect(bodies).toHaveLength(4);
    const one = (text: RegExp) => bodies.filter((body) => text.test(body));
    expect(one(/"reasoning_effort":"high"/)).toHaveLength(1);
    expect(one(/"content":"Think\."/)).toHaveLength(1);
    expect(one(/"name":"look"/)).toHaveLength(1);
    expect(one(/grammar|response_format/).length).toBeGreaterThanOrEqual(1);
  });
});
