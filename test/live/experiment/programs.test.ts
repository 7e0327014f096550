import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "@langchain/core/tools";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { z } from "zod";
import { createToolAgent } from "../../../chains/index.ts";
import { type ProgramFunction, runExperiment } from "../../../src/index.ts";

jest.setTimeout(300_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-programs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CITIES = ["Paris", "Tokyo", "Berlin", "London", "Rome", "Madrid"];
const getWeather = tool(({ city }: { city: string }) => `It is sunny in ${city}.`, {
  name: "get_weather",
  description: "Current weather in a city.",
  schema: z.object({ city: z.string() }),
});

/** Two agents with the same tool and different prompts. */
const agent =
  (question: (city: string) => string): ProgramFunction =>
  ({ variables }, { model, signal }) =>
    createToolAgent({ model, tools: [getWeather] }).invoke({ input: question(variables["city"] ?? "") }, { signal });

describe("programs on a real model", () => {
  it("are agents that are compared, with their trajectories, and cost nothing the second time", async () => {
    const compare = () =>
      runExperiment(
        {
          name: "agents",
          variants: {
            counts: agent(() => "Count to 3."),
            asks: agent((city) => `What is the weather in ${city}?`),
          },
          cases: CITIES.map((city) => ({ id: city, variables: { city } })),
          settings: { effort: "low", max_tokens: 200 },
          checks: [{ type: "tool_called", tool: "get_weather", arguments: { city: "{{city}}" } }],
        },
        { model: "demo", folder, out: "runs" },
      );
    const { results } = await compare();
    expect(results.variants.map(({ errors }) => errors)).toEqual([0, 0]);
    expect(results.variants[0]?.score?.mean).toBe(0);
    expect(results.variants[1]?.score?.mean).toBeGreaterThanOrEqual(0.5);
    const asked = results.cells.find(({ variant, pass }) => variant === "asks" && pass);
    expect(asked?.answer?.steps?.[0]).toMatchObject({
      toolCalls: [{ name: "get_weather", result: expect.stringContaining("sunny") }],
      tokens: { generated: expect.any(Number) },
    });
    expect(asked?.answer?.promptMs).toBeGreaterThan(0);
    const again = await compare();
    expect(again.results.cells.map(({ answer }) => answer?.final)).toEqual(
      results.cells.map(({ answer }) => answer?.final),
    );
  });

  it("are modules in threads", async () => {
    const module = "export default async ({ variables }, { model }) => await model.invoke(variables.q);\n";
    await writeFile(join(folder, "program.mjs"), module);
    const { results } = await runExperiment(
      {
        name: "module",
        variants: [
          { name: "prompt", prompt: "{{q}}" },
          { name: "program", module: "program.mjs" },
        ],
        cases: [{ id: "count", variables: { q: "Count to 3." }, expected: "1 2 3" }],
        settings: { effort: "low", max_tokens: 100, temperature: 0 },
        checks: [{ type: "contains", value: "{{expected}}" }],
      },
      { model: "demo", folder, out: "runs", allowJavascript: true },
    );
    expect(results.variants.map(({ id, score }) => [id, score?.mean])).toEqual([
      ["prompt", 1],
      ["program", 1],
    ]);
  });
});
