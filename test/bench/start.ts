import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { packageFile } from "../../src/platform/folders.ts";
import { Terminal } from "../live/support/terminal.ts";
import { type Comparison, compareRounds } from "./comparison.ts";
import { median } from "./measure.ts";
import { installPeer } from "./support/peers.ts";

const ROUNDS = 9;
const QUESTION = "My name is Alice.";

export interface StartRow {
  readonly what: string;
  /** Milliseconds. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Milliseconds of each round, by what was measured. */
type Times = Readonly<Record<keyof typeof LABELS, number[]>>;

const LABELS = {
  node: "node -e 0",
  help: "gpt-oss --help",
  setup: "gpt-oss setup --model demo, all done before",
  prompt: "gpt-oss chat: to the prompt",
  answer: "gpt-oss chat: to the first answer, no server running",
  theirPrompt: "node-llama-cpp chat: to the prompt",
  theirAnswer: "node-llama-cpp chat: to the first answer",
};

/** How long a person waits: for help, for a setup that has nothing to do, for the chat's prompt and its first answer. */
export async function benchStart(): Promise<{ rows: readonly StartRow[]; comparisons: readonly Comparison[] }> {
  const peer = join(await installPeer("node-llama-cpp"), "node_modules", "node-llama-cpp", "dist", "cli", "cli.js");
  const runtime = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  const times: Times = { node: [], help: [], setup: [], prompt: [], answer: [], theirPrompt: [], theirAnswer: [] };
  try {
    for (let round = -1; round < ROUNDS; round++) {
      const taken = await measureAll(peer, runtime);
      // the first round fills the system's file cache
      if (round >= 0) for (const key of keysOf(times)) times[key].push(taken[key]);
    }
  } finally {
    await rm(runtime, { recursive: true, force: true });
  }
  return { rows: keysOf(times).map((key) => rowOf(LABELS[key], times[key])), comparisons: comparisonsOf(times) };
}

function comparisonsOf(times: Times): readonly Comparison[] {
  const { node, help, setup, prompt, answer, theirPrompt, theirAnswer } = times;
  return [
    compareRounds("gpt-oss --help, ms", "node -e 0", help, node, { atMost: 2.5 }),
    compareRounds("setup that has nothing to do, ms", "0.5 s", setup, Array<number>(ROUNDS).fill(500), {
      atMost: 1,
    }),
    compareRounds("start to prompt, ms", "node-llama-cpp chat", prompt, theirPrompt, { atMost: 1 }),
    compareRounds("start to first answer, ms", "node-llama-cpp chat", answer, theirAnswer),
  ];
}

async function measureAll(peer: string, runtime: string): Promise<Readonly<Record<keyof typeof LABELS, number>>> {
  const program = packageFile("dist/src/cli.js");
  const model = packageFile("setup/demo-model/demo.gguf");
  // a runtime folder of its own, and a server that goes at once: each chat starts one
  const environment = { GPT_OSS_RUNTIME: runtime, GPT_OSS_IDLE_SECONDS: "0" };
  const ours = await chatTimes(
    [program, "chat", "--model", "demo", "--no-save"],
    { prompt: /You: /, answer: /meet you/ },
    environment,
  );
  const theirWords = [peer, "chat", "--model", model, "--gpu", "false", "--contextSize", "2048"];
  const theirs = await chatTimes(theirWords, { prompt: /\n> /, answer: /AI: \S/ }, {});
  return {
    node: timed(["-e", "0"]),
    help: timed([program, "--help"]),
    setup: timed([program, "setup", "--model", "demo"]),
    prompt: ours.prompt,
    answer: ours.answer,
    theirPrompt: theirs.prompt,
    theirAnswer: theirs.answer,
  };
}

function timed(words: readonly string[]): number {
  const begun = performance.now();
  const { status } = spawnSync(process.execPath, [...words], { stdio: "ignore" });
  if (status !== 0) throw new Error(`node ${words.join(" ")} ended with ${status}`);
  return performance.now() - begun;
}

/** A chat from its start: to its prompt, and to the answer to what is typed as soon as that is there. */
async function chatTimes(
  words: readonly string[],
  signs: { readonly prompt: RegExp; readonly answer: RegExp },
  environment: Readonly<Record<string, string>>,
) {
  const begun = performance.now();
  const chat = new Terminal(words, environment, { program: process.execPath });
  try {
    await chat.expect(signs.prompt);
    const atPrompt = performance.now() - begun;
    chat.type(`${QUESTION}\r`);
    await chat.expect(signs.answer);
    return { prompt: atPrompt, answer: performance.now() - begun };
  } finally {
    chat.kill();
  }
}

function rowOf(what: string, taken: readonly number[]): StartRow {
  return { what, median: median(taken), least: Math.min(...taken), most: Math.max(...taken) };
}

function keysOf(times: Times): readonly (keyof Times)[] {
  return Object.keys(times) as (keyof Times)[];
}
