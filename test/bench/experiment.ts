import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { findServer } from "../../setup/find-server.ts";
import { cacheFolder } from "../../setup/folders.ts";
import { packageFile } from "../../setup/package-folder.ts";
import { thisMachine } from "../../setup/platform.ts";
import { runExperiment } from "../../src/experiment/run/run-experiment.ts";
import { startServer } from "../../src/server/start-server.ts";

const PROMPTFOO = "promptfoo@0.121.20";
const VARIANTS = 6;
const CASES = 40;
const REPEATS = 3;
const SLOTS = 4;
const MAX_TOKENS = 64;

export interface ExperimentRow {
  readonly what: string;
  readonly cells: number;
  readonly seconds: number;
  /** Prompt tokens that the server evaluated, by its own log. */
  readonly "prompt tokens evaluated": number;
  /** Beside promptfoo. */
  readonly "time ratio": number;
  readonly "token ratio": number;
}

const run = promisify(execFile);

/** The same prompts, cases and repeats on the same server and slots: by promptfoo, and by `gpt-oss experiment`. */
export async function benchExperiment(): Promise<readonly ExperimentRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  try {
    const program = await installPromptfoo();
    const theirs = await measure(folder, (server) => runPromptfoo(program, folder, server));
    const ours = await measure(folder, (server) => runOurs(folder, server));
    return [rowOf("promptfoo", theirs, theirs), rowOf("gpt-oss experiment", ours, theirs)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Server {
  readonly url: string;
  readonly apiKey: string;
}

interface Measured {
  readonly seconds: number;
  readonly tokens: number;
}

function rowOf(what: string, own: Measured, peer: Measured): ExperimentRow {
  return {
    what,
    cells: VARIANTS * CASES * REPEATS,
    seconds: own.seconds,
    "prompt tokens evaluated": own.tokens,
    "time ratio": own.seconds / peer.seconds,
    "token ratio": own.tokens / peer.tokens,
  };
}

/** Each begins with a server that has read nothing yet. */
async function measure(folder: string, action: (server: Server) => Promise<void>): Promise<Measured> {
  const machine = thisMachine(process.env);
  const cache = cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux");
  const found = await findServer({ machine, cache, usePath: true });
  if (!found) throw new Error("There is no llama-server; run npx gpt-oss setup --model demo first.");
  const logFile = join(folder, "server.log");
  const server = await startServer({
    program: found.path,
    settings: {
      modelPath: packageFile("setup/demo-model/demo.gguf"),
      alias: "demo",
      contextSize: 4_096 * SLOTS,
      slots: SLOTS,
      threads: 1,
      // promptfoo does not read raw harmony
      mode: "parsed",
      templatePath: packageFile("prompts/harmony.jinja"),
      port: 0,
    },
    logFile,
    environment: process.env,
  });
  try {
    const begin = performance.now();
    await action(server);
    const seconds = (performance.now() - begin) / 1000;
    return { seconds, tokens: evaluatedTokens(await readFile(logFile, "utf8")) };
  } finally {
    await server.stop();
  }
}

function evaluatedTokens(log: string): number {
  const lines = log.matchAll(/prompt eval time =\s+[\d.]+ ms \/\s+(\d+) tokens/g);
  return [...lines].reduce((sum, [, tokens]) => sum + Number(tokens), 0);
}

/** Long, and different from variant to variant. */
function systemOf(variant: number): string {
  const notes = Array.from(
    { length: 25 },
    (_, index) => `Note ${index} of plan ${variant} is about number ${index * 7}.`,
  );
  return `Plan ${variant}. ${notes.join(" ")}`;
}

function taskOf(index: number): string {
  return index % 2 === 0 ? `Count to ${(index % 10) + 1}.` : `Repeat: word ${index}`;
}

const indices = (count: number) => Array.from({ length: count }, (_, index) => index);

async function runOurs(folder: string, { url, apiKey }: Server): Promise<void> {
  await mkdir(join(folder, "prompts"), { recursive: true });
  const prompts = indices(VARIANTS).map((variant) => `prompts/v${variant}.md`);
  for (const [variant, path] of prompts.entries()) {
    const matter = `name: v${variant}\nsystem: ${JSON.stringify(systemOf(variant))}\nvariables: [task]`;
    await writeFile(join(folder, path), `---\n${matter}\n---\n\n{{task}}\n`);
  }
  await runExperiment(
    {
      name: "bench",
      prompts,
      cases: indices(CASES).map((index) => ({ variables: { task: taskOf(index) } })),
      settings: { effort: "low", temperature: 0, max_tokens: MAX_TOKENS },
      repeats: REPEATS,
      checks: [{ type: "no_truncation" }],
    },
    { folder, out: "runs", server: { baseUrl: url, apiKey } },
  );
}

async function runPromptfoo(program: string, folder: string, { url, apiKey }: Server): Promise<void> {
  const config = {
    prompts: indices(VARIANTS).map((variant) =>
      JSON.stringify([
        { role: "system", content: systemOf(variant) },
        { role: "user", content: "{{task}}" },
      ]),
    ),
    providers: [
      {
        id: "openai:chat:demo",
        config: {
          apiBaseUrl: `${url}/v1`,
          apiKey,
          temperature: 0,
          max_tokens: MAX_TOKENS,
          showThinking: false,
          passthrough: { reasoning_effort: "low" },
        },
      },
    ],
    tests: indices(CASES).map((index) => ({ vars: { task: taskOf(index) } })),
  };
  const path = join(folder, "promptfooconfig.json");
  await writeFile(path, JSON.stringify(config));
  const words = [
    "eval",
    "-c",
    path,
    "-j",
    String(SLOTS),
    "--repeat",
    String(REPEATS),
    "--no-cache",
    "--no-table",
    "--no-progress-bar",
  ];
  const options = {
    cwd: folder,
    maxBuffer: 2 ** 28,
    env: {
      ...process.env,
      PROMPTFOO_CONFIG_DIR: join(folder, "promptfoo"),
      PROMPTFOO_DISABLE_TELEMETRY: "1",
      PROMPTFOO_DISABLE_UPDATE: "1",
    },
  };
  // 100 says that an answer was an error, which the other side has too
  await run(program, words, options).catch((error: { readonly code?: unknown }) => {
    if (error.code !== 100) throw error;
  });
}

/** Into a folder of its own: it is no dependency of ours, and brings several hundred packages. */
async function installPromptfoo(): Promise<string> {
  const folder = join(tmpdir(), "langchain-gpt-oss-bench", PROMPTFOO);
  const program = join(folder, "node_modules", ".bin", "promptfoo");
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--no-audit", "--no-fund", PROMPTFOO], { cwd: folder, maxBuffer: 2 ** 26 });
  return program;
}
