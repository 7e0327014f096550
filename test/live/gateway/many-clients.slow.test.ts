import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { ServerStatus } from "../../../src/llama-server/protocol.ts";
import { packageFile } from "../../../src/platform/folders.ts";
import { runCli } from "../support/run-cli.ts";
import { PATHS, requestBody } from "./support/live-gateway.ts";

/** 5 in `npm run test:soak`. */
const MINUTES = Number(process.env["GPT_OSS_GATEWAY_MINUTES"] ?? 0.4);
const CLIENTS = 50;
const LEAVING = 1 / 10;
const KILLS = MINUTES < 5 ? 1 : 3;
const SAMPLE_MS = 2_000;
const REPORT = "dist/many-clients.json";

/** Names that the demo model copies; each client has one of its own. */
const NAMES = Array.from({ length: CLIENTS }, (_, client) => {
  const [consonants, vowels] = ["bdfgklmnprst", "aeiou"];
  const syllable = (number: number) => `${consonants[number % 12]}${vowels[Math.floor(number / 12) % 5]}`;
  const name = `${syllable(client)}${syllable(client * 7 + 5)}n`;
  return name[0]?.toUpperCase() + name.slice(1);
});

interface Counts {
  answers: number;
  left: number;
  kills: number;
  /** Errors in the API's own form. */
  refused: number;
  /** Answers that the model got wrong without the name of another client. */
  wrong: number;
  readonly mixed: string[];
  readonly lost: string[];
  /** Megabytes that the gateway's process holds, every two seconds. */
  readonly memory: number[];
}

let environment: Record<string, string>;
let serving: ChildProcess;
let use: Record<string, string>;

beforeAll(async () => {
  environment = { GPT_OSS_RUNTIME: await mkdtemp(join(tmpdir(), "gpt-oss-soak-")) };
  serving = spawn(process.execPath, [packageFile("dist/src/cli.js"), "serve", "--model", "demo", "--parallel", "4"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [text] = (await once(serving.stdout?.setEncoding("utf8") ?? serving, "data")) as [string];
  use = Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
});
afterAll(async () => {
  await runCli(["serve", "stop"], { environment });
  await rm(environment["GPT_OSS_RUNTIME"] ?? "", { recursive: true, force: true });
});

it(
  `serves ${CLIENTS} clients for ${MINUTES} minutes while some leave and the server is killed`,
  async () => {
    const counts: Counts = { answers: 0, left: 0, kills: 0, refused: 0, wrong: 0, mixed: [], lost: [], memory: [] };
    const end = performance.now() + MINUTES * 60_000;
    const isOver = () => performance.now() > end;
    await Promise.all([
      ...NAMES.map(async (name, client) => {
        for (let round = client; !isOver(); round++) await askOnce(name, round, counts);
      }),
      killSometimes(counts, isOver),
      watchMemory(counts, isOver),
    ]);
    await writeFile(REPORT, `${JSON.stringify(counts, undefined, 2)}\n`);
    expect(counts).toMatchObject({ mixed: [], lost: [], kills: KILLS });
    expect(counts.answers).toBeGreaterThan(CLIENTS);
    expect(counts.left).toBeGreaterThan(0);
    // a client whose server was killed gets its answer later, or an error that says so
    expect(counts.refused).toBeLessThanOrEqual(CLIENTS * KILLS);
    expect(counts.wrong).toBeLessThan(counts.answers / 20);
    expectFlat(counts.memory);
  },
  (MINUTES + 3) * 60_000,
);

async function askOnce(name: string, round: number, counts: Counts): Promise<void> {
  const path = PATHS[round % PATHS.length] ?? PATHS[0];
  const stream = Math.floor(round / PATHS.length) % 2 === 0;
  const leave = Math.random() < LEAVING;
  const controller = new AbortController();
  try {
    const request = requestBody(path, { messages: conversationOf(name), maxTokens: 200 });
    const response = await fetch(new URL(path, use["OPENAI_BASE_URL"]), {
      method: "POST",
      headers: { authorization: `Bearer ${use["OPENAI_API_KEY"]}` },
      body: JSON.stringify({ ...request, stream, temperature: 0 }),
      signal: controller.signal,
    });
    if (leave) {
      setTimeout(() => controller.abort(), Math.random() * 200);
      await response.text();
      return;
    }
    note(name, response.status, await response.text(), counts);
  } catch (error) {
    if (controller.signal.aborted) counts.left++;
    else counts.lost.push(`${path}: ${String(error)}`);
  }
}

/** A conversation in which only this client's name is said. */
function conversationOf(name: string): readonly object[] {
  return [
    { role: "user", content: `My name is ${name}.` },
    { role: "assistant", content: `Nice to meet you, ${name}.` },
    { role: "user", content: "What is my name?" },
  ];
}

function note(name: string, status: number, text: string, counts: Counts): void {
  const isError = status !== 200 || /"error":\s*\{/.test(text);
  // the name comes in pieces in a stream
  const written = [...text.matchAll(/"(?:content|delta|text|thinking|reasoning\w*)":\s*"((?:[^"\\]|\\.)*)"/g)]
    .map(([, piece]) => piece)
    .join("");
  const others = NAMES.filter((other) => other !== name && written.includes(other));
  if (others.length > 0) counts.mixed.push(`${name} was told of ${others.join(", ")}: ${written}`);
  else if (isError && /"type":/.test(text)) counts.refused++;
  else if (isError || written === "") counts.lost.push(`${status}: ${text.slice(0, 300)}`);
  else if (written.includes(name)) counts.answers++;
  else counts.wrong++;
}

async function killSometimes(counts: Counts, isOver: () => boolean): Promise<void> {
  const distance = (MINUTES * 60_000) / (KILLS + 1);
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(distance);
    if (isOver()) return;
    const { stdout } = await runCli(["serve", "status", "--json"], { environment });
    const { servers } = JSON.parse(stdout) as { servers: readonly (ServerStatus & { readonly pid?: number })[] };
    const pid = servers[0]?.pid;
    if (pid === undefined) continue;
    process.kill(pid, "SIGKILL");
    counts.kills++;
  }
}

async function watchMemory(counts: Counts, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(SAMPLE_MS);
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.pid}/status`, "utf8")) ?? [];
    counts.memory.push(Math.round(Number(kilobytes) / 1_000));
  }
}

/** The last third holds no more than the second, but for what the garbage collector has not got to yet. */
function expectFlat(memory: readonly number[]): void {
  const third = Math.floor(memory.length / 3);
  const least = (part: readonly number[]) => Math.min(...part);
  expect(least(memory.slice(-third))).toBeLessThan(least(memory.slice(third, 2 * third)) * 1.2);
}
