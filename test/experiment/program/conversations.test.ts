import { describe, expect, it } from "@jest/globals";
import { type ExperimentDefinition, runExperiment } from "../../../src/index.ts";
import { render } from "../../../src/experiment/report/render.ts";
import {
  callOf,
  type ChatBody,
  finalText,
  type ModelServer,
  startModelServer,
} from "../../wire/support/model-server.ts";
import { chatsOf, optionsIn, useFolder } from "../support/model-runs.ts";

const folder = useFolder();

async function run(server: ModelServer, definition: Partial<ExperimentDefinition>) {
  return await runExperiment(
    {
      name: "conversation",
      variants: [{ name: "ask", prompt: "{{q}}" }],
      settings: { max_tokens: 99, effort: "low" },
      cases: [{ id: "a", variables: { q: "Weather in Paris?" } }],
      ...definition,
    },
    optionsIn(folder(), server),
  );
}

const asksOf = (server: ModelServer) => chatsOf(server).filter(({ max_tokens: most }) => most === 99);

/** Asks for the weather of the city that the user names last, and repeats what the tool says. */
const weatherReplies = ({ messages }: ChatBody) => {
  const last = messages.at(-1);
  if (last?.["role"] === "tool") return finalText(String(last["content"]));
  const [, city = ""] = / in (\w+)/.exec(String(last?.["content"])) ?? [];
  return city === "" ? finalText("Which city?") : callOf("weather", { city });
};
const WEATHER = {
  name: "weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  results: [
    { arguments: { city: "Paris" }, result: "sunny" },
    { arguments: { city: "{{other}}" }, result: { sky: "grey in {{other}}" } },
    { result: "unknown" },
  ],
};

describe("a conversation", () => {
  it("calls tools with canned results, in each of its turns, and is checked turn by turn", async () => {
    await using server = await startModelServer({ replies: weatherReplies });
    const { results } = await run(server, {
      tools: [WEATHER],
      cases: [
        {
          id: "a",
          variables: { q: "Weather in Paris?", other: "Rome" },
          turns: [
            { user: "And in {{other}}?", checks: [{ type: "contains", value: "grey in Rome" }] },
            {
              user: "And in Oslo?",
              checks: [
                { type: "contains", value: "sunny" },
                { type: "max_steps", limit: 2 },
              ],
            },
            { user: "Thanks.", checks: [{ type: "tool_not_called" }] },
          ],
          checks: [
            { type: "tool_called", tool: "weather", count: 3 },
            { type: "max_steps", limit: 6 },
          ],
        },
      ],
      checks: [{ type: "equals", value: "Which city?" }, { type: "no_invalid_calls" }],
    });
    const [cell] = results.cells;
    expect(cell?.answer?.turns?.map(({ text }) => text)).toEqual([
      "sunny",
      '{"sky":"grey in Rome"}',
      "unknown",
      "Which city?",
    ]);
    expect(Object.fromEntries(cell?.checks.map(({ check, pass }) => [check, pass]) ?? [])).toEqual({
      equals: true,
      no_invalid_calls: true,
      tool_called: true,
      max_steps: false,
      "contains, turn 2": true,
      "contains, turn 3": false,
      "max_steps, turn 3": true,
      "tool_not_called, turn 4": true,
    });
    expect(asksOf(server)).toHaveLength(7);
    const turn = ["user", "assistant", "tool", "assistant"];
    const last = asksOf(server).at(-1);
    expect(last?.messages.map(({ role }) => role)).toEqual([...turn, ...turn, ...turn, "user"]);
    expect(render(results, "html")).toContain("grey in Rome");
  });

  it("is asked once, then known", async () => {
    await using server = await startModelServer({ replies: weatherReplies });
    const definition = {
      tools: [WEATHER],
      checks: [{ type: "contains", value: "sunny" }],
    } satisfies Partial<ExperimentDefinition>;
    const cases = [{ id: "a", variables: { q: "Weather in Paris?", other: "x" } }];
    await run(server, { ...definition, cases });
    const again = await run(server, { ...definition, cases });
    expect(again.plan).toMatchObject({ cells: 1, known: 1 });
    expect(asksOf(server)).toHaveLength(2);
  });

  it("ends with a call that no tool answers, and after the most steps", async () => {
    await using server = await startModelServer({ replies: weatherReplies });
    const { results } = await run(server, {
      tools: [{ name: "weather" }],
      cases: [
        {
          id: "a",
          variables: { q: "Weather in Paris?" },
          turns: [{ user: "Sure?", checks: [{ type: "contains", value: "x" }] }],
        },
      ],
      checks: [{ type: "tool_called", tool: "weather", arguments: { city: "Paris" } }],
    });
    expect(results.cells[0]?.checks).toMatchObject([{ pass: true }, { pass: false }]);
    await using loop = await startModelServer({ replies: [callOf("weather", { city: "Paris" })] });
    const { results: endless } = await run(loop, {
      name: "loop",
      tools: [WEATHER],
      max_steps: 3,
      cases: [{ id: "a", variables: { q: "?", other: "x" } }],
      checks: [{ type: "no_truncation" }],
    });
    expect(endless.cells[0]?.answer?.steps).toHaveLength(3);
  });

  it("has real tools", async () => {
    const replies = ({ messages }: ChatBody) =>
      messages.at(-1)?.["role"] === "tool"
        ? finalText(String(messages.at(-1)?.["content"]))
        : callOf("calculator", { expression: "6*7" });
    await using server = await startModelServer({ replies });
    const { results } = await run(server, { toolbox: "calculator", checks: [{ type: "contains", value: "42" }] });
    expect(results.cells[0]).toMatchObject({ pass: true });
  });

  it("goes on from a history with calls and their results", async () => {
    await using server = await startModelServer();
    await run(server, {
      cases: [
        {
          id: "a",
          variables: { q: "And now?" },
          history: [
            { role: "user", content: "Weather?" },
            { role: "assistant", tool_calls: [{ name: "weather", arguments: { city: "Paris" } }] },
            { role: "tool", content: "sunny" },
            { role: "assistant", content: "It is sunny." },
          ],
        },
      ],
      checks: [{ type: "no_truncation" }],
    });
    const [body] = asksOf(server);
    expect(body?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
    expect(JSON.stringify(body?.messages[1])).toContain("Paris");
  });
});

describe("checks of one case", () => {
  it("judge that case alone, and need no others", async () => {
    await using server = await startModelServer({ replies: [finalText("yes")] });
    const { results } = await run(server, {
      cases: [
        { id: "a", variables: { q: "1" }, checks: [{ type: "equals", value: "yes" }] },
        { id: "b", variables: { q: "2" }, checks: [{ type: "equals", value: "no" }] },
      ],
    });
    expect(results.cells.map(({ checks, pass }) => [checks.length, pass])).toEqual([
      [1, true],
      [1, false],
    ]);
    expect(results.checks).toMatchObject([{ name: "equals" }]);
    expect(results.variants[0]?.checks).toEqual({ equals: 0.5 });
  });

  it.each<[Partial<ExperimentDefinition>, RegExp]>([
    [{}, /check/],
    [{ cases: [{ id: "a", checks: [{ type: "equals", value: "{{none}}" }] }] }, /none/],
    [{ cases: [{ id: "a", checks: [{ type: "tool_called", tool: "none" }] }] }, /cases\.0\.checks\.0.*none/],
  ])("are refused where they are wrong: %j", async (definition, says) => {
    await using server = await startModelServer();
    await expect(run(server, { variants: [{ name: "ask", prompt: "Say hi." }], ...definition })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(says),
    });
  });
});

describe("pass^k", () => {
  it("is the chance that all of k attempts pass, with an interval over cases", async () => {
    // two of three repeats pass, for every case
    await using server = await startModelServer({
      replies: ({ seed }) => finalText(seed === 2 ? "no" : "yes"),
    });
    const cases = Array.from({ length: 6 }, (_, index) => ({ id: `${index}`, variables: { q: `${index}` } }));
    const { results } = await run(server, { cases, repeats: 3, checks: [{ type: "equals", value: "yes" }] });
    const passes = results.variants[0]?.passHatK ?? [];
    expect(passes.map(({ k, mean }) => [k, mean])).toEqual([
      [1, expect.closeTo(2 / 3)],
      [2, expect.closeTo(1 / 3)],
      [3, 0],
    ]);
    for (const { low, mean, high } of passes) {
      expect(low).toBeLessThanOrEqual(mean);
      expect(high).toBeGreaterThanOrEqual(mean);
    }
    expect(render(results, "table")).toContain("pass^3");
  });
});
