import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { childrenOf, makeServerWorld, type ServerWorld } from "../live/llama-server/support/world.ts";
import { askThrough } from "./support/asking.ts";
import { chatOnce } from "./support/chatting.ts";
import { experimentOnce } from "./support/experimenting.ts";
import { type Holding, Ledger } from "./support/ledger.ts";

const MINUTES = Number(process.env["GPT_OSS_SOAK_MINUTES"] ?? 60);
const REPORT = "dist/soak-report.json";
/** A server that crashes five times in a row, each time within a minute, is given up, and rightly: kills keep their distance. */
const BETWEEN_KILLS_MS = 75_000;

it(
  `loses nothing and hangs nowhere in ${MINUTES} minutes of chats, calls and experiments on one server, with random faults`,
  async () => {
    const world = await makeServerWorld();
    const data = await mkdtemp(join(tmpdir(), "gpt-oss-soak-"));
    const ledger = new Ledger();
    const end = performance.now() + MINUTES * 60_000;
    const isOver = () => performance.now() > end;
    // a lease of our own keeps the supervisor, which has to live through all of it
    const keeper = await world.open();
    const environment = { ...world.environment };
    const forever = async (action: (round: number) => Promise<void>) => {
      for (let round = 0; !isOver(); round++) await action(round);
    };
    await Promise.all([
      forever(() => chatOnce({ environment, data: join(data, "one") }, ledger)),
      forever(() => chatOnce({ environment, data: join(data, "two") }, ledger)),
      forever(() => askThrough(environment, ledger, isOver)),
      forever((round) => experimentOnce({ environment, data }, ledger, `experiments-${round}`, isOver)),
      forever(disturbing(world, ledger)),
      forever((round) => lookAround(world, ledger, round)),
    ]);
    await keeper.stop();
    await world.close().catch((error: unknown) => ledger.defects.push(String(error)));
    await rm(data, { recursive: true, force: true });
    await writeFile(REPORT, `${JSON.stringify(Object.assign({ minutes: MINUTES }, ledger), undefined, 2)}\n`);
    const { done, faults, lost, hung, defects, holdings } = ledger;
    expect({ lost, hung, defects }).toEqual({ lost: [], hung: [], defects: [] });
    for (const what of ["chats", "answers", "experiments stopped"]) expect(done[what]).toBeGreaterThan(0);
    expect(faults["killed"]).toBeGreaterThan(0);
    for (const who of ["supervisor", "client"] as const) expectNoGrowth(holdings.filter((held) => held.who === who));
  },
  (MINUTES + 10) * 60_000,
);

/** @returns what makes the next fault, some seconds after the last one */
function disturbing(world: ServerWorld, ledger: Ledger): () => Promise<void> {
  let killedAt = -Infinity;
  return async () => {
    await sleep(5_000 + Math.random() * 20_000);
    const status = await world.status();
    const victims = status === undefined ? [] : childrenOf(status.pid);
    const victim = victims[Math.floor(Math.random() * victims.length)];
    if (victim === undefined) return;
    if (performance.now() - killedAt > BETWEEN_KILLS_MS) {
      killedAt = performance.now();
      if (signal(victim, "SIGKILL")) ledger.count("faults", "killed");
    } else if (signal(victim, "SIGSTOP")) {
      ledger.count("faults", "suspended");
      await sleep(Math.random() * 3_000);
      signal(victim, "SIGCONT");
    }
  };
}

/** @returns false when the process is gone already */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function lookAround(world: ServerWorld, ledger: Ledger, minute: number): Promise<void> {
  await sleep(60_000);
  ledger.look(minute, "supervisor", await world.supervisorPid());
  ledger.look(minute, "client", process.pid);
}

/** The last quarter of the time beside the second: the first fills caches. */
function expectNoGrowth(holdings: readonly Holding[]): void {
  const quarter = Math.floor(holdings.length / 4);
  if (quarter === 0) return;
  const least = (some: readonly Holding[], of: "memory" | "descriptors") => Math.min(...some.map((held) => held[of]));
  const early = holdings.slice(quarter, 2 * quarter);
  const late = holdings.slice(-quarter);
  expect(least(late, "descriptors")).toBeLessThanOrEqual(least(early, "descriptors") + 2);
  expect(least(late, "memory")).toBeLessThan(least(early, "memory") * 1.3);
}
