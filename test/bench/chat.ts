import { spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { packageFile } from "../../setup/package-folder.ts";
import { startScriptedServer, type Step } from "../live/support/scripted-server.ts";
import { Terminal } from "../live/support/terminal.ts";

const ROUNDS = 9;
const CTRL_C = "\u0003";

const STATES: readonly (readonly [state: string, steps: readonly Step[], sign: RegExp])[] = [
  ["the prompt is read", [{ processed: 1, total: 4 }, { wait: 60_000 }], /reading the prompt/],
  ["it thinks", [{ content: "<|channel|>analysis<|message|>" }, { content: "Well, " }], /Well,/],
  ["it answers", [{ content: "<|channel|>final<|message|>" }, { content: "one two " }], /one two one/],
];

interface Row {
  readonly what: string;
  readonly "median ms": number;
  readonly "slowest ms": number;
}

/** How long the command line takes to start, and how long Ctrl-C takes to give the prompt back. */
export async function benchChat(): Promise<readonly Row[]> {
  const rows = [
    rowOf(
      "node alone",
      times(() => run(["-e", "0"])),
    ),
    rowOf(
      "gpt-oss --help",
      times(() => run([packageFile("dist/src/cli.js"), "--help"])),
    ),
  ];
  rows.push(rowOf("gpt-oss chat: to the first prompt", await promptTimes()));
  for (const [state, steps, sign] of STATES)
    rows.push(rowOf(`Ctrl-C while ${state}`, await interruptTimes(steps, sign)));
  return rows;
}

function run(words: readonly string[]): void {
  spawnSync(process.execPath, [...words], { stdio: "ignore" });
}

function times(action: () => void): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    action();
    return performance.now() - begun;
  });
}

async function promptTimes(): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const chat = new Terminal(["chat", "--base-url", "http://127.0.0.1:9/v1", "--no-save"]);
    await chat.expect(/You: /);
    taken.push(performance.now() - begun);
    chat.kill();
  }
  return taken;
}

async function interruptTimes(steps: readonly Step[], sign: RegExp): Promise<number[]> {
  const server = await startScriptedServer(steps);
  const chat = new Terminal(["chat", "--base-url", server.url, "--no-save"]);
  await chat.expect(/You: /);
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    chat.type("Go\r");
    await chat.expect(sign);
    const begun = performance.now();
    chat.type(CTRL_C);
    await chat.expect(/\[interrupted\]\nYou: /);
    taken.push(performance.now() - begun);
  }
  chat.kill();
  await server.stop();
  return taken;
}

function rowOf(what: string, taken: readonly number[]): Row {
  const sorted = taken.toSorted((one, other) => one - other);
  return { what, "median ms": sorted[Math.floor(sorted.length / 2)] ?? 0, "slowest ms": sorted.at(-1) ?? 0 };
}
