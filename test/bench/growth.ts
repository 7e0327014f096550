import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageFile } from "../../src/platform/folders.ts";
import { startLiveServer } from "../live/support/live-server.ts";
import { type Comparison, compareOnce } from "./comparison.ts";
import { median } from "./measure.ts";
import { saidAt } from "./support/long-talk.ts";

const TURNS = 1_000;
/** What is used is looked at after each so many turns; memory is taken and given back in between. */
const EVERY = 50;

export interface GrowthRow {
  readonly turns: number;
  /** Megabytes of memory that the chat's process holds. */
  readonly "memory MB": number;
  /** Open files and connections; 0 where the system does not tell. */
  readonly descriptors: number;
}

/** The real program, asked 1,000 things in one conversation through a pipe: what it holds on to. */
export async function benchGrowth(): Promise<{ rows: readonly GrowthRow[]; comparisons: readonly Comparison[] }> {
  const server = await startLiveServer({ contextSize: 2_048 });
  const data = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  try {
    const rows = await chatSession({
      ...process.env,
      LC_ALL: "C",
      OPENAI_BASE_URL: `${server.baseUrl}/v1`,
      OPENAI_API_KEY: server.apiKey,
      GPT_OSS_DATA: data,
      GPT_OSS_CONFIG: join(data, "config.yaml"),
    });
    const early = rows.filter(({ turns }) => turns > 150 && turns <= 400);
    const late = rows.filter(({ turns }) => turns > TURNS - 250);
    return {
      rows,
      comparisons: [
        compareOnce(
          "memory in use, turns 800 to 1,000",
          "turns 200 to 400",
          median(late.map((row) => row["memory MB"])) / median(early.map((row) => row["memory MB"])),
          { atMost: 1.1 },
        ),
        compareOnce(
          "open descriptors, turns 800 to 1,000",
          "turns 200 to 400",
          median(late.map(({ descriptors }) => descriptors)) / median(early.map(({ descriptors }) => descriptors)),
          { atMost: 1 },
        ),
      ],
    };
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** Says the next thing as soon as the last is answered: each answer of the demo model is a line of its own. */
async function chatSession(environment: NodeJS.ProcessEnv): Promise<GrowthRow[]> {
  const chat = spawn(process.execPath, [packageFile("dist/src/cli.js"), "chat", "--model", "demo"], {
    env: environment,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const rows: GrowthRow[] = [];
  let turns = 0;
  const say = () => chat.stdin.write(`${saidAt(turns + 1)}\n`);
  say();
  for await (const line of createInterface({ input: chat.stdout })) {
    if (line.trim() === "") continue;
    turns++;
    if (turns % EVERY === 0) rows.push(lookAt(chat.pid ?? 0, turns));
    if (turns === TURNS) chat.stdin.end();
    else say();
  }
  if (chat.exitCode === null) await once(chat, "exit");
  if (turns !== TURNS) throw new Error(`the chat ended after ${turns} turns`);
  return rows;
}

function lookAt(pid: number, turns: number): GrowthRow {
  const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return { turns, "memory MB": Number(stdout) / 1024, descriptors: descriptorsOf(pid) };
}

function descriptorsOf(pid: number): number {
  return process.platform === "linux" ? readdirSync(`/proc/${pid}/fd`).length : 0;
}
