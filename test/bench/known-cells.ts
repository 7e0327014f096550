import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { render } from "../../src/experiment/report/render.ts";
import { type RunExperimentOptions, runExperiment } from "../../src/experiment/run/run-experiment.ts";
import { finalText, startModelServer } from "../wire/support/model-server.ts";
import { median } from "./measure.ts";

const CASES = 10_000;
const ROUNDS = 3;

export interface KnownCellsRow {
  readonly what: string;
  readonly cells: number;
  readonly seconds: number;
}

/** An experiment of which every cell has been answered: what the program does without a model. A scripted server answers the first run. */
export async function benchKnownCells(): Promise<readonly KnownCellsRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  await using server = await startModelServer({ replies: () => finalText("yes"), slots: 8 });
  const environment = { GPT_OSS_CACHE: join(folder, "cache"), GPT_OSS_CONFIG: join(folder, "none.yaml") };
  const options: RunExperimentOptions = { folder, out: "runs", environment, server: { baseUrl: server.baseUrl } };
  try {
    await writeFile(join(folder, "plain.md"), "---\nname: plain\nvariables: [q]\n---\n\nAnswer briefly: {{q}}\n");
    const definition = {
      name: "bench",
      prompts: ["plain.md"],
      cases: Array.from({ length: CASES }, (_, index) => ({ variables: { q: `question ${index}` }, expected: "yes" })),
      settings: { effort: "low" as const, temperature: 1, max_tokens: 100 },
      checks: [{ type: "equals" as const, value: "{{expected}}" }],
    };
    await runExperiment(definition, options);
    const planning: number[] = [];
    const reporting: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begin = performance.now();
      const { results } = await runExperiment(definition, options);
      const planned = performance.now();
      render(results, "html");
      planning.push((planned - begin) / 1000);
      reporting.push((performance.now() - planned) / 1000);
    }
    return [
      { what: "planned and scored, all known", cells: CASES, seconds: median(planning) },
      { what: "report as a page", cells: CASES, seconds: median(reporting) },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
