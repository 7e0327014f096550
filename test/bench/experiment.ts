import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { findServer } from "../../src/llama-server/find-server.ts";
import { cacheFolder, packageFile } from "../../src/platform/folders.ts";
import { thisMachine } from "../../src/platform/platform.ts";
import { runExperiment } from "../../src/experiment/run/run-experiment.ts";
import { startServer } from "../../src/llama-server/start-server.ts";
import { type Comparison, compareRounds, type Goal } from "./comparison.ts";
import { median } from "./measure.ts";
import { wrapServerProgram } from "../support/server-program.ts";
import { type Workload, workloads } from "./support/experiment-workloads.ts";
import { fewestPromptTokens, type Post } from "./support/fewest-tokens.ts";
import { installPromptfoo, runPromptfoo } from "./support/promptfoo.ts";

const SLOTS = 4;
const ROUNDS = 3;

export interface ExperimentRow {
  readonly what: string;
  readonly cells: number;
  readonly seconds: number;
  /** Prompt tokens that the server evaluated, by its own log; and beside the fewest that any order needs. Medians, as the seconds. */
  readonly "tokens evaluated": number;
  readonly "÷ fewest": number;
  /** Beside promptfoo in the same round, the median. */
  readonly "time ratio": number;
  readonly "token ratio": number;
}

/** The same prompts, cases and repeats on the same server and slots: by promptfoo, and by `gpt-oss experiment`. */
export async function benchExperiment(): Promise<{
  rows: readonly ExperimentRow[];
  comparisons: readonly Comparison[];
}> {
  const program = await installPromptfoo();
  const rows: ExperimentRow[] = [];
  const comparisons: Comparison[] = [];
  for (const workload of workloads) {
    const theirs: Measured[] = [];
    const ours: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(
        await measure(workload, ({ folder, server }) =>
          runPromptfoo({ program, folder, workload, server, slots: SLOTS }),
        ),
      );
      ours.push(await measure(workload, ({ folder, server }) => runOurs(folder, workload, server)));
    }
    const time = compareBy("seconds", workload, ours, theirs, { atMost: 0.5 });
    const tokens = compareBy("tokens", workload, ours, theirs, { atMost: 0.2 });
    comparisons.push(time, tokens);
    rows.push(
      rowOf("promptfoo", workload, theirs, { time: 1, tokens: 1 }),
      rowOf("gpt-oss experiment", workload, ours, { time: time.ratio, tokens: tokens.ratio }),
    );
  }
  return { rows, comparisons };
}

const UNITS = { seconds: "s", tokens: "prompt tokens" } as const;

function compareBy(
  figure: keyof typeof UNITS,
  { name }: Workload,
  ours: readonly Measured[],
  theirs: readonly Measured[],
  goal: Goal,
): Comparison {
  const of = (rounds: readonly Measured[]) => rounds.map((round) => round[figure]);
  return compareRounds(`gpt-oss experiment: ${name}, ${UNITS[figure]}`, "promptfoo", of(ours), of(theirs), goal);
}

interface Server {
  readonly url: string;
  readonly apiKey: string;
}

interface Measured {
  readonly seconds: number;
  readonly tokens: number;
  /** That any order needs. */
  readonly fewest: number;
}

interface Ratios {
  readonly time: number;
  readonly tokens: number;
}

function rowOf(who: string, workload: Workload, rounds: readonly Measured[], ratios: Ratios): ExperimentRow {
  return {
    what: `${who}: ${workload.name}`,
    cells: workload.variants.length * workload.tasks.length * workload.repeats,
    seconds: median(rounds.map(({ seconds }) => seconds)),
    "tokens evaluated": median(rounds.map(({ tokens }) => tokens)),
    "÷ fewest": median(rounds.map(({ tokens, fewest }) => tokens / fewest)),
    "time ratio": ratios.time,
    "token ratio": ratios.tokens,
  };
}

interface Place {
  readonly folder: string;
  readonly server: Server;
}

/** Each begins with a server that has read nothing yet. */
async function measure(workload: Workload, action: (place: Place) => Promise<void>): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  const logFile = join(folder, "server.log");
  const server = await startBenchServer(workload, logFile);
  try {
    const begin = performance.now();
    await action({ folder, server });
    const seconds = (performance.now() - begin) / 1000;
    const tokens = evaluatedTokens(await readFile(logFile, "utf8"));
    return {
      seconds,
      tokens,
      fewest: await fewestPromptTokens(poster(server), conversationsOf(workload), workload.repeats),
    };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startBenchServer({ cacheMebibytes }: Workload, logFile: string) {
  const machine = thisMachine(process.env);
  const cache = cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux");
  const found = await findServer({ machine, cache, usePath: true });
  if (!found) throw new Error("There is no llama-server; run npx gpt-oss setup --model demo first.");
  return await startServer({
    // promptfoo does not read raw harmony
    program: await wrapServerProgram(found.path, { folder: dirname(logFile), parsed: true }),
    settings: {
      modelPath: packageFile("setup/demo-model/demo.gguf"),
      alias: "demo",
      contextSize: 4_096 * SLOTS,
      slots: SLOTS,
      threads: 1,
      cacheMebibytes,
      templatePath: packageFile("prompts/harmony.jinja"),
      port: 0,
    },
    logFile,
    environment: process.env,
  });
}

function evaluatedTokens(log: string): number {
  const lines = log.matchAll(/prompt eval time =\s+[\d.]+ ms \/\s+(\d+) tokens/g);
  return [...lines].reduce((sum, [, tokens]) => sum + Number(tokens), 0);
}

/** As the server's template takes them. */
function conversationsOf({ variants, tasks }: Workload): readonly object[] {
  return variants.flatMap(({ system, body }) =>
    tasks.map((task) => ({
      messages: [
        ...(system === undefined ? [] : [{ role: "system", content: system }]),
        { role: "user", content: body.replace("{{task}}", task) },
      ],
      chat_template_kwargs: { reasoning_effort: "low" },
    })),
  );
}

function poster({ url, apiKey }: Server): Post {
  return async (path, body) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", connection: "close" },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
}

async function runOurs(folder: string, workload: Workload, { url, apiKey }: Server): Promise<void> {
  const { variants, tasks, repeats, maxTokens } = workload;
  await mkdir(join(folder, "prompts"), { recursive: true });
  const prompts = variants.map((_, index) => `prompts/v${index}.md`);
  for (const [index, { system, body }] of variants.entries()) {
    const matter = [`name: v${index}`, ...(system === undefined ? [] : [`system: ${JSON.stringify(system)}`])];
    const text = `---\n${matter.join("\n")}\nvariables: [task]\n---\n\n${body}\n`;
    await writeFile(join(folder, `prompts/v${index}.md`), text);
  }
  await runExperiment(
    {
      name: "bench",
      prompts,
      cases: tasks.map((task) => ({ variables: { task } })),
      settings: { effort: "low", temperature: 0, max_tokens: maxTokens },
      repeats,
      checks: [{ type: "no_truncation" }],
    },
    { folder, out: "runs", server: { baseUrl: url, apiKey } },
  );
}
