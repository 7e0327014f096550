import { createHash } from "node:crypto";
import { tool } from "@langchain/core/tools";
import { describe, expect, it, jest } from "@jest/globals";
import { z } from "zod";
import { createToolAgent } from "../../../chains/index.ts";
import { type ProgramFunction, runExperiment } from "../../../src/index.ts";
import { callOf, type ChatBody, finalText, startModelServer } from "../../wire/support/model-server.ts";
import { optionsIn, useFolder } from "../support/model-runs.ts";

const folder = useFolder();

const CASES = 30;
const REPEATS = 3;

const lookUp = tool(({ key }: { key: string }) => `The value of ${key} is 7.`, {
  name: "look_up",
  description: "Looks up a value.",
  schema: z.object({ key: z.string() }),
});

/** Agents with the same tool, whose prompts differ. */
const agent =
  (manner: string): ProgramFunction =>
  ({ variables }, { model, signal }) =>
    createToolAgent({ model, tools: [lookUp], system: manner }).invoke(
      { input: `What is ${variables["key"]}?` },
      { signal },
    );

/** From 0 to 1, and the same for the same texts. */
function chanceOf(...texts: readonly unknown[]): number {
  return createHash("sha256").update(JSON.stringify(texts)).digest().readUInt32BE() / 2 ** 32;
}

/** The chance of a right answer depends on the prompt alone, so the true differences are known. */
const RATES = { hasty: 0.4, equal: 0.4, careful: 0.8 } as const;

function reply({ messages, seed }: ChatBody & { readonly seed?: unknown }): string {
  const text = JSON.stringify(messages);
  const manner = (["hasty", "equal", "careful"] as const).find((word) => text.includes(`Be ${word}.`)) ?? "hasty";
  const [key = ""] = /key-\d+/.exec(text) ?? [];
  if (messages.at(-1)?.["role"] === "user") return callOf("look_up", { key });
  return finalText(chanceOf(manner, key, seed) < RATES[manner] ? "It is 7." : "I don't know.");
}

jest.setTimeout(180_000);

describe("agents with a known true difference", () => {
  it("are told apart where they differ, with an interval that holds the true difference, and not where they don't", async () => {
    await using server = await startModelServer({ replies: reply });
    const { results } = await runExperiment(
      {
        name: "agents",
        variants: { hasty: agent("Be hasty."), careful: agent("Be careful."), equal: agent("Be equal.") },
        cases: Array.from({ length: CASES }, (_, index) => ({ variables: { key: `key-${index}` } })),
        repeats: REPEATS,
        settings: { effort: "low", temperature: 1, max_tokens: 99 },
        checks: [
          { type: "contains", value: "7" },
          { type: "tool_called", tool: "look_up", arguments: { key: "{{key}}" }, count: 1, weight: 0 },
        ],
      },
      optionsIn(folder(), server),
    );
    const [careful, equal] = results.comparisons;
    expect(careful).toMatchObject({ variant: "careful", verdict: "better", cases: CASES });
    expect(careful?.difference.low).toBeLessThanOrEqual(RATES.careful - RATES.hasty);
    expect(careful?.difference.high).toBeGreaterThanOrEqual(RATES.careful - RATES.hasty);
    expect(equal).toMatchObject({ variant: "equal", verdict: "cannot tell" });
    expect(equal?.difference.low).toBeLessThanOrEqual(0);
    expect(equal?.difference.high).toBeGreaterThanOrEqual(0);
    // every agent used the tool, and the trajectory says so
    expect(results.variants.map(({ checks }) => checks["tool_called"])).toEqual([1, 1, 1]);
    expect(results.cells[0]?.answer?.steps?.[0]?.toolCalls[0]?.result).toContain("is 7");
  });
});
