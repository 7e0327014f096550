import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { runExperiment } from "../../../src/experiment/run/run-experiment.ts";

jest.setTimeout(300_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-models-"));
  await writeFile(join(folder, "plain.md"), "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n");
  await writeFile(join(folder, "judge.md"), "---\nname: judge\nvariables: [answer]\n---\n\nRepeat: {{answer}}\n");
  await copyFile(packageFile("setup/demo-model/demo.gguf"), join(folder, "same.gguf"));
  await copyFile(packageFile("setup/demo-model/demo.gguf"), join(folder, "other.gguf"));
  // what stands behind the tensors is not read, and makes it another file
  await appendFile(join(folder, "other.gguf"), "another model");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface StoredRow {
  readonly kind: string;
  readonly model: { readonly name: string };
}

async function rows(): Promise<readonly StoredRow[]> {
  const text = await readFile(join(folder, "runs/models/cells.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as StoredRow);
}

function run(model: readonly string[], checks: readonly object[] = [{ type: "contains", value: "name" }]) {
  return runExperiment(
    {
      name: "models",
      prompts: ["plain.md"],
      cases: [
        { id: "name", variables: { q: "What is my name?" } },
        { id: "count", variables: { q: "Count to 3." } },
      ],
      settings: { effort: "low", max_tokens: 100, model: [...model] },
      checks: checks as [{ type: "contains"; value: string }],
    },
    { folder, out: "runs" },
  );
}

describe("several models in one experiment", () => {
  it("are variants, each asked in one go, with its own hash", async () => {
    const { results, plan } = await run(["demo", "other.gguf"]);
    expect(results.variants.map(({ id, model, answered }) => [id, model, answered])).toEqual([
      ["plain, demo", "demo", 2],
      ["plain, other", "other", 2],
    ]);
    expect(plan).toMatchObject({ cells: 4, known: 0, todo: 4, models: ["demo", "other"] });
    expect(results.comparisons).toMatchObject([{ variant: "plain, other", baseline: "plain, demo" }]);
    expect((await rows()).map(({ model }) => model.name)).toEqual(["demo", "demo", "other", "other"]);
    expect(new Set(results.models.map(({ hash }) => hash)).size).toBe(2);
    expect((await run(["demo", "other.gguf"])).plan).toMatchObject({ known: 4, todo: 0 });
  });

  it("are one where two files have one content, and what is known of it is known under any name", async () => {
    const { results, plan } = await run(["demo", "same.gguf"]);
    expect(plan).toMatchObject({ cells: 4, todo: 2 });
    expect(await rows()).toHaveLength(2);
    expect(results.variants.map(({ answered }) => answered)).toEqual([2, 2]);
    expect((await run(["same.gguf"])).plan).toMatchObject({ cells: 2, known: 2, todo: 0 });
  });

  it("are loaded once each, the one that judges last", async () => {
    const judge = { type: "judge", prompt: "judge.md", pass_pattern: "name", fail_pattern: "." };
    await run(["demo", "other.gguf"], [judge]);
    expect((await rows()).map(({ kind, model }) => `${kind} ${model.name}`)).toEqual([
      "cell other",
      "cell other",
      "cell demo",
      "cell demo",
      "judge demo",
      "judge demo",
    ]);
  });
});
