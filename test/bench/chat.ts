import { performance } from "node:perf_hooks";
import { startScriptedServer, type Step } from "../live/support/scripted-server.ts";
import { Terminal } from "../live/support/terminal.ts";
import { type Comparison, compareOnce } from "./comparison.ts";

const ROUNDS = 9;
const CTRL_C = "\u0003";

const STATES: readonly (readonly [state: string, steps: readonly Step[], sign: RegExp])[] = [
  ["the prompt is read", [{ processed: 1, total: 4 }, { wait: 60_000 }], /reading the prompt/],
  ["it thinks", [{ content: "<|channel|>analysis<|message|>" }, { content: "Well, " }], /Well,/],
  ["it answers", [{ content: "<|channel|>final<|message|>" }, { content: "one two " }], /one two one/],
];

export interface InterruptRow {
  readonly what: string;
  readonly "median ms": number;
  readonly "slowest ms": number;
}

/** How long Ctrl-C takes to give the prompt back, in a pseudo-terminal. */
export async function benchChat(): Promise<readonly InterruptRow[]> {
  const rows: InterruptRow[] = [];
  for (const [state, steps, sign] of STATES)
    rows.push(rowOf(`Ctrl-C while ${state}`, await interruptTimes(steps, sign)));
  return rows;
}

/** What of it belongs into the summary. */
export function chatComparisons(rows: readonly InterruptRow[]): readonly Comparison[] {
  return rows.map(({ what, "median ms": median, "slowest ms": slowest }) => ({
    ...compareOnce(`${what}, to the prompt`, "100 ms", median / 100, { atMost: 1 }),
    to: slowest / 100,
    rounds: ROUNDS,
  }));
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

function rowOf(what: string, taken: readonly number[]): InterruptRow {
  const sorted = taken.toSorted((one, other) => one - other);
  return { what, "median ms": sorted[Math.floor(sorted.length / 2)] ?? 0, "slowest ms": sorted.at(-1) ?? 0 };
}
