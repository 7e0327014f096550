import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { ExperimentDefinition } from "../../../src/experiment/definition/schema.ts";
import { runExperiment, type RunExperimentOptions } from "../../../src/experiment/run/run-experiment.ts";
import { startLiveServer } from "../support/live-server.ts";

jest.setTimeout(300_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-"));
  await writeFile(join(folder, "plain.md"), "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n");
  await writeFile(
    join(folder, "told.md"),
    "---\nname: told\nsystem: The user's name is Alice.\nvariables: [q]\n---\n\n{{q}}\n",
  );
  await writeFile(join(folder, "judge.md"), "---\nname: judge\nvariables: [answer]\n---\n\nRepeat: {{answer}}\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const definition: ExperimentDefinition = {
  name: "names",
  prompts: ["plain.md", "told.md"],
  cases: [
    { id: "name", variables: { q: "What is my name?" }, expected: "Alice" },
    { id: "count", variables: { q: "Count to 3." }, expected: "1 2 3" },
  ],
  settings: { effort: "low", max_tokens: 100 },
  checks: [{ type: "contains", value: "{{expected}}" }],
};

const run = (changes: Partial<ExperimentDefinition> = {}, options: RunExperimentOptions = {}) =>
  runExperiment({ ...definition, ...changes }, { model: "demo", folder, out: "runs", ...options });

describe("an experiment in code", () => {
  it("asks a real model, scores, compares, and remembers", async () => {
    const { results, plan, path } = await run();
    expect(results.variants.map(({ id, score }) => [id, score?.mean])).toEqual([
      ["plain", 0.5],
      ["told", 1],
    ]);
    expect(results.comparisons).toMatchObject([
      { variant: "told", baseline: "plain", gained: ["name"], lost: [], verdict: "cannot tell" },
    ]);
    expect(plan).toMatchObject({ cells: 4, known: 0, todo: 4, mode: "fast", slots: 4 });
    expect(JSON.parse(await readFile(join(path, "results.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(results)));
    const cell = results.cells.find(({ variant, case: input }) => variant === "told" && input === "name");
    expect(cell?.answer).toMatchObject({ final: "Your name is Alice.", analysis: "", finishReason: "stop" });
    expect(cell?.answer?.tokens).toMatchObject({ answer: expect.any(Number), thinking: 0 });
    expect((await run()).plan).toMatchObject({ known: 4, todo: 0 });
    // another check asks nothing anew
    const rechecked = await run({ checks: [{ type: "max_chars", limit: 5 }] });
    expect(rechecked.plan.todo).toBe(0);
    expect(rechecked.results.variants.map(({ score }) => score?.mean)).toEqual([0.5, 0.5]);
  });

  it("takes checks that are functions", async () => {
    const { results } = await run(
      {},
      { checks: { short: ({ text }) => ({ pass: text.length < 10, score: 0.25, why: "" }) } },
    );
    expect(results.variants[0]?.checks).toEqual({ contains: 0.5, short: 0.25 });
  });

  it("answers the same to the same seed in exact mode, at a temperature where seeds matter", async () => {
    const hot = { settings: { effort: "medium", max_tokens: 40, temperature: 1.5 }, repeats: 2 } as const;
    const finals = async (out: string, seed: number) => {
      const { results } = await run({ ...hot, seed }, { mode: "exact", out });
      expect(results).toMatchObject({ mode: "exact", slots: 1 });
      expect(results.cells.every(({ answer }) => answer?.tokens.cached === 0)).toBe(true);
      return results.cells.map(({ answer }) => `${answer?.analysis}|${answer?.final}`);
    };
    const first = await finals("one", 1);
    expect(await finals("two", 1)).toEqual(first);
    expect(await finals("three", 100)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(2);
  });

  it("has the cache do the work for repeats and for what prompts share", async () => {
    const notes = Array.from({ length: 30 }, (_, index) => `Note ${index} is about number ${index * 7}.`).join(" ");
    await writeFile(join(folder, "long.md"), `---\nname: long\nsystem: ${notes}\nvariables: [q]\n---\n\n{{q}}\n`);
    const cases = Array.from({ length: 6 }, (_, index) => ({
      id: `c${index}`,
      variables: { q: `Count to ${index + 1}.` },
    }));
    const { results } = await run({ prompts: ["long.md"], cases, repeats: 3, checks: [{ type: "no_truncation" }] });
    expect(results.variants[0]?.cacheShare).toBeGreaterThan(0.85);
  });

  it("reads rules that prompts share once, though they are followed by more than the sliding window holds", async () => {
    const rules = Array.from({ length: 30 }, (_, index) => `Rule ${index} is about number ${index * 7}.`).join(" ");
    await writeFile(join(folder, "rules.md"), `---\nname: rules\nvariables: [q]\n---\n\n${rules} {{q}}\n`);
    const cases = ["apple", "house", "river"].map((id) => ({ id, variables: { q: `${id} `.repeat(800) } }));
    const { results } = await run({ prompts: ["rules.md"], cases, checks: [{ type: "no_truncation" }] }, { slots: 1 });
    const tokens = results.cells
      .flatMap(({ answer }) => answer?.tokens ?? [])
      .toSorted((a, b) => b.evaluated - a.evaluated);
    expect(tokens).toHaveLength(3);
    const [first, second, third] = tokens;
    // what was read for the first cell is among what it took; a server that ran before may know the system message
    expect(first?.evaluated).toBeGreaterThan((second?.evaluated ?? Number.NaN) + 400);
    expect(first?.cached).toBeLessThan(200);
    expect(second?.cached).toBeGreaterThan(500);
    expect(third?.cached).toBeGreaterThan(500);
  });

  it("has a judge judge every answer after all cells, and says how far it agrees with people", async () => {
    const judge = { type: "judge", prompt: "judge.md", pass_pattern: "red", fail_pattern: "." } as const;
    const cases = [
      { id: "house", variables: { q: "Repeat: red house" } },
      { id: "count", variables: { q: "Count to 3." } },
    ];
    const labels = [
      { check: "judge", case: "house", answer: "red house", pass: true },
      { check: "judge", case: "count", answer: "1 2 3", pass: true },
    ];
    await writeFile(join(folder, "labels.jsonl"), labels.map((label) => `${JSON.stringify(label)}\n`).join(""));
    const judged = { prompts: ["plain.md"], cases, checks: [judge], labels: "labels.jsonl" };
    const { results } = await run(judged);
    expect(results.cells.map(({ case: input, pass }) => [input, pass])).toEqual([
      ["house", true],
      ["count", false],
    ]);
    expect(results.agreements).toMatchObject([{ check: "judge", count: 2, share: 0.5, low: expect.any(Number) }]);
    const passes: string[] = [];
    await run(judged, { out: "again", onProgress: ({ pass }) => passes.push(pass) });
    // one before the first answer, and one after each
    expect(passes).toEqual(["cell", "cell", "cell", "judge", "judge", "judge"]);
  });

  it.each(["ours", "raw", "parsed"])("binds the judge's verdict by a schema on a server that is %s", async (kind) => {
    const judged = { prompts: ["plain.md"], checks: [{ type: "judge", prompt: "judge.md", max_tokens: 400 }] } as const;
    const server = kind === "ours" ? undefined : await startLiveServer({ parsed: kind === "parsed" });
    try {
      const target =
        server === undefined
          ? {}
          : { model: undefined, server: { baseUrl: `${server.baseUrl}/v1`, apiKey: server.apiKey } };
      const { results } = await run({ ...judged, prompts: [...judged.prompts], checks: [...judged.checks] }, target);
      // the demo model would repeat the answer: only the schema makes a verdict of it
      expect(results.cells.map(({ pass }) => typeof pass)).toEqual(["boolean", "boolean"]);
      const stored = await readFile(join(folder, "runs/names/cells.jsonl"), "utf8");
      const judges = stored
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { kind: string; outcome: { answer: { final: string } } })
        .filter((row) => row.kind === "judge");
      expect(judges).toHaveLength(2);
      for (const { outcome } of judges)
        expect(JSON.parse(outcome.answer.final)).toEqual({ why: expect.any(String), pass: expect.any(Boolean) });
    } finally {
      await server?.stop();
    }
  });

  it.each([true, false])("uses an existing server, which splits the channels itself: %s", async (parsed) => {
    const server = await startLiveServer({ parsed });
    try {
      const { results } = await run(
        { settings: { effort: "medium", max_tokens: 100 } },
        { model: undefined, server: { baseUrl: `${server.baseUrl}/v1`, apiKey: server.apiKey } },
      );
      expect(results).toMatchObject({ slots: 1, models: [{ name: "demo" }] });
      const told = results.cells.find(({ variant, case: input }) => variant === "told" && input === "name");
      expect(told?.answer?.final).toBe("Your name is Alice.");
      expect(told?.answer?.analysis).not.toBe("");
    } finally {
      await server.stop();
    }
  });

  it("keeps a cell that fails apart from wrong answers, and asks it again", async () => {
    const long = { id: "long", variables: { q: "word ".repeat(3000) }, expected: "x" };
    const { results } = await run({ prompts: ["plain.md"], context: 1024, cases: [...(definition.cases as []), long] });
    expect(results.variants[0]).toMatchObject({
      cells: 3,
      answered: 2,
      errors: 1,
      score: { mean: expect.closeTo(1 / 3) },
    });
    expect(results.cells.at(-1)?.error).toContain("tokens");
    expect(
      (await run({ prompts: ["plain.md"], context: 1024, cases: [...(definition.cases as []), long] })).plan,
    ).toMatchObject({
      known: 2,
      todo: 1,
    });
  });
});
