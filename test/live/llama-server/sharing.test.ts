import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import type { ServerNotice } from "../../../src/llama-server/lease.ts";
import { liveCache } from "../support/live-machine.ts";
import { runCli } from "../support/run-cli.ts";
import { ask, makeServerWorld, type ServerWorld } from "./support/world.ts";

const run = promisify(execFile);

let world: ServerWorld;
beforeEach(async () => {
  world = await makeServerWorld();
});
afterEach(() => world.close());

describe("clients of one server", () => {
  it("find each other when they start at the same moment", async () => {
    const chat = runCli(["chat", "--model", "demo"], { input: "Hello\n", environment: world.environment });
    const servers = await Promise.all([world.open(), world.open(), world.open()]);
    expect(new Set(servers.map(({ pid }) => pid)).size).toBe(1);
    expect((await world.status())?.servers).toHaveLength(1);
    expect((await chat).stdout).toBe("Hello! How can I help you?\n");
    await Promise.all(servers.map((server) => server.stop()));
    expect(await world.leftovers()).toEqual([]);
  });

  it("keep it while one of them runs, and find it again within the idle time", async () => {
    const first = await world.open({ idleSeconds: 60 });
    await first.stop();
    const second = await world.open({ idleSeconds: 60 });
    expect(second.pid).toBe(first.pid);
    const third = await world.open();
    await second.stop();
    expect(await ask(third, "Hello")).toContain("Hello!");
    await third.stop();
    expect(await world.leftovers()).toEqual([]);
  });

  it("get more slots by a restart at the same address, when the answers under way are done", async () => {
    const notices: ServerNotice["kind"][] = [];
    const chat = await world.open({ onNotice: ({ kind }) => notices.push(kind) });
    const { url, apiKey } = chat;
    notices.length = 0;
    const answer = ask(chat, "Count to 100.");
    const experiment = await world.open({ slots: 3 });
    expect(await answer).toContain("98 99 100");
    expect(experiment).toMatchObject({ url, apiKey, slots: 3 });
    await chat.ready();
    expect(notices.filter((kind) => kind !== "loading")).toEqual(["restarting", "restarted"]);
    const all = await Promise.all(["1", "2", "3"].map(() => ask(experiment, "Hello")));
    expect(all.every((text) => text.includes("Hello!"))).toBe(true);
    await Promise.all([chat.stop(), experiment.stop()]);
  });

  it("get another size beside it when they insist on one", async () => {
    const small = await world.open({ contextSize: 512 });
    const large = await world.open({ contextSize: 1_024 });
    expect([small.contextSize, large.contextSize]).toEqual([512, 1_024]);
    expect(small.pid).not.toBe(large.pid);
    await Promise.all([small.stop(), large.stop()]);
  });

  it("learn when it is stopped", async () => {
    const server = await world.open();
    expect((await runCli(["serve", "stop"], { environment: world.environment })).stderr).toBe("Stopped 1 server.\n");
    await server.ended;
    await expect(server.ready()).rejects.toMatchObject({ message: "The server was stopped with gpt-oss serve stop." });
    await server.stop();
  });
});

/** A mount of one's own takes Linux's namespaces, which some machines and all Macs do not have. */
const canMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0;
const onSmallDisk = canMount ? it : it.skip;
const CHAT_ON_FULL_DISK = `mount -t tmpfs -o size=8k tmpfs "$LOGS" && head -c 8192 /dev/zero > "$LOGS/filler"
printf 'Hello\\n' | "$0" "$1" chat --model demo`;

describe("a full disk under the log", () => {
  onSmallDisk("is no reason not to answer", async () => {
    const words = ["-rm", "sh", "-c", CHAT_ON_FULL_DISK, process.execPath, packageFile("dist/src/cli.js")];
    const env = { ...world.environment, LOGS: join(liveCache(), "logs") };
    expect((await run("unshare", words, { env, timeout: 40_000 })).stdout).toBe("Hello! How can I help you?\n");
  });
});
