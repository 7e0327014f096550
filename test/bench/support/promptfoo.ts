import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Workload } from "./experiment-workloads.ts";
import { installPeer } from "./peers.ts";

const run = promisify(execFile);

/** @returns the program */
export async function installPromptfoo(): Promise<string> {
  return join(await installPeer("promptfoo"), "node_modules", ".bin", "promptfoo");
}

export interface PromptfooOptions {
  readonly program: string;
  readonly folder: string;
  readonly workload: Workload;
  readonly server: { readonly url: string; readonly apiKey: string };
  /** Requests at once. */
  readonly slots: number;
}

export async function runPromptfoo({ program, folder, workload, server, slots }: PromptfooOptions): Promise<void> {
  const path = join(folder, "promptfooconfig.json");
  await writeFile(path, JSON.stringify(configOf(workload, server)));
  const repeats = ["--repeat", String(workload.repeats)];
  const words = ["eval", "-c", path, "-j", String(slots), ...repeats, "--no-cache", "--no-table", "--no-progress-bar"];
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

function configOf({ variants, tasks, maxTokens }: Workload, { url, apiKey }: PromptfooOptions["server"]): object {
  return {
    prompts: variants.map(({ system, body }) =>
      JSON.stringify([
        ...(system === undefined ? [] : [{ role: "system", content: system }]),
        { role: "user", content: body },
      ]),
    ),
    providers: [
      {
        id: "openai:chat:demo",
        config: {
          apiBaseUrl: `${url}/v1`,
          apiKey,
          temperature: 0,
          max_tokens: maxTokens,
          showThinking: false,
          passthrough: { reasoning_effort: "low" },
        },
      },
    ],
    tests: tasks.map((task) => ({ vars: { task } })),
  };
}
