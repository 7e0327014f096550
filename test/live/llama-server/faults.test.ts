import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import type { ServerNotice } from "../../../src/llama-server/lease.ts";
import { sized } from "../../support/full-size.ts";
import { liveServerProgram } from "../support/live-machine.ts";
import { gone, isRunning } from "../support/supervised.ts";
import { ask, childrenOf, makeServerWorld, type ServerWorld, untilBusy } from "./support/world.ts";

/** Each fault comes this often, at random moments; the soak suite sets a higher number. */
const REPEATS = Number(process.env["GPT_OSS_FAULT_REPEATS"] ?? sized(1, 3));
/** Nothing may take longer than this to come back; a busy machine needs most of it. */
const DEADLINE_MS = 40_000;
jest.setTimeout(150_000);
/** The soak suite has the time to wait longer. */
const SUSPENDED_MS = REPEATS > 3 ? 5_000 : 2_000;
const times = Array.from({ length: REPEATS }, (_, place) => place + 1);
const LONG_PROMPT = "word ".repeat(2_000);

let world: ServerWorld;
beforeEach(async () => {
  world = await makeServerWorld();
});
afterEach(() => world.close());

async function before<T>(promise: Promise<T>): Promise<T> {
  const late = sleep(DEADLINE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`nothing happened for ${DEADLINE_MS} ms`);
  });
  return await Promise.race([promise, late]);
}

/** Asks until it answers: a fault that came a moment later than meant is not the server's failing. */
async function answersAgain(server: Awaited<ReturnType<ServerWorld["open"]>>): Promise<string> {
  for (const deadline = performance.now() + DEADLINE_MS; ; await sleep(50)) {
    await before(server.ready());
    try {
      return await before(ask(server, "Hello"));
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

describe("llama-server is killed", () => {
  it.each(times)("while it loads (%d)", async () => {
    const opening = world.open();
    let victim: number | undefined;
    while (victim === undefined) {
      const status = await world.status();
      if (status) [victim] = childrenOf(status.pid);
    }
    await sleep(Math.random() * 60);
    process.kill(victim, "SIGKILL");
    const server = await before(opening);
    expect(await answersAgain(server)).toContain("Hello!");
    expect(server.pid).not.toBe(victim);
    await server.stop();
  });

  it.each(times)("while it reads the prompt (%d)", async () => {
    const server = await world.open({ contextSize: 8_192 });
    const { url, apiKey, pid } = server;
    const asking = ask(server, LONG_PROMPT).catch(() => "lost");
    await before(untilBusy(server));
    await sleep(Math.random() * 300);
    process.kill(pid, "SIGKILL");
    expect(await before(asking)).toBe("lost");
    expect(await answersAgain(server)).toContain("Hello!");
    expect({ url: server.url, apiKey: server.apiKey }).toEqual({ url, apiKey });
    await server.stop();
  });

  it.each(times)("while it answers, which the client learns (%d)", async () => {
    const notices: ServerNotice["kind"][] = [];
    const server = await world.open({ onNotice: ({ kind }) => notices.push(kind) });
    notices.length = 0;
    let partial = "";
    const killAt = 40 + Math.random() * 60;
    await before(
      ask(server, "Count to 100.", (text) => {
        if (partial.length < killAt && text.length >= killAt) process.kill(server.pid, "SIGKILL");
        partial = text;
      }).catch(() => undefined),
    );
    expect(partial).toContain("1 2 3");
    expect(await answersAgain(server)).toContain("Hello!");
    expect(notices.filter((kind) => kind !== "loading")).toEqual(["restarting", "restarted"]);
    await server.stop();
  });

  it("again and again: it is given up, with the reason", async () => {
    const server = await world.open();
    // gone for good means that the supervisor has nothing left to do and is gone too
    for (let status = await world.status(); status; status = await world.status()) {
      for (const pid of childrenOf(status.pid)) process.kill(pid, "SIGKILL");
      await sleep(50);
    }
    await before(server.ended);
    await expect(before(server.ready())).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringMatching(
        /^llama-server (for demo ended 5 times in a row|could not load demo): it was killed/,
      ),
    });
    await server.stop();
  });
});

describe("llama-server ends itself while it loads", () => {
  it("by a signal of its own, as where an rpc-server is missing: that is said at once, and not tried again", async () => {
    const program = join(world.runtime, "llama-server");
    const words = "ggml-rpc.cpp:547: Failed to connect to 127.0.0.1:1";
    writeFileSync(program, `#!/bin/sh\necho '${words}' >&2\nkill -ABRT $$\n`, { mode: 0o755 });
    await expect(before(world.open({ program }))).rejects.toMatchObject({
      code: "server-failed",
      message: "llama-server can't load demo: no rpc-server answers at 127.0.0.1:1.",
    });
  });
});

describe("llama-server runs out of memory while it loads", () => {
  /** A llama-server that says what a real one says, unless its prompt cache is small. */
  async function shortOfMemory(isEver: boolean): Promise<string> {
    const script = join(world.runtime, "short-of-memory");
    const real = `exec "${await liveServerProgram()}" "$@"`;
    const small = isEver ? `case "$*" in *"--cache-ram 256 "*) ${real};; esac` : "";
    const fails =
      'echo "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9999" >&2; exit 1';
    writeFileSync(script, `#!/bin/sh\n${small}\n${fails}\n`, { mode: 0o755 });
    return script;
  }

  it("starts once more with less, and its client learns the new size", async () => {
    const notices: ServerNotice[] = [];
    const program = await shortOfMemory(true);
    const server = await before(world.open({ program, onNotice: (notice) => notices.push(notice) }));
    expect(await ask(server, "Hello")).toContain("Hello!");
    expect(notices.find(({ kind }) => kind === "restarting")).toMatchObject({ reason: { reason: "memoryReduced" } });
    // another client does not make it as large as it was wanted
    const other = await before(world.open({ program }));
    expect(other.pid).toBe(server.pid);
    await other.stop();
    await server.stop();
  });

  it("fails with that reason when less is not enough", async () => {
    const opening = world.open({ program: await shortOfMemory(false) });
    await expect(before(opening)).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining("memory"),
    });
  });
});

describe("llama-server is suspended", () => {
  it.each(times)("for some seconds: the answer comes whole (%d)", async () => {
    const server = await world.open();
    const asking = ask(server, "Count to 30.");
    await sleep(Math.random() * 100);
    process.kill(server.pid, "SIGSTOP");
    await sleep(SUSPENDED_MS);
    process.kill(server.pid, "SIGCONT");
    expect(await before(asking)).toContain("28 29 30");
    await server.stop();
  });
});

describe("a client is killed", () => {
  it.each(times)("and its server goes by itself (%d)", async () => {
    const client = spawn(process.execPath, [packageFile("dist/src/cli.js"), "serve", "--model", "demo"], {
      env: { ...world.environment },
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (Math.random() < 0.7) await before(once(client.stdout, "data"));
    else while ((await world.status()) === undefined) await sleep(Math.random() * 50);
    const supervisor = await world.supervisorPid();
    const servers = childrenOf(supervisor);
    client.kill("SIGKILL");
    for (const pid of [supervisor, ...servers]) expect(await gone(pid)).toBe(true);
  });
});

describe("the supervisor is killed", () => {
  it.each(times)("llama-server goes too, and a client gets its server back where it was (%d)", async () => {
    const server = await world.open();
    const { url, apiKey, pid } = server;
    const supervisor = await world.supervisorPid();
    await sleep(Math.random() * 200);
    process.kill(supervisor, "SIGKILL");
    expect(await gone(pid)).toBe(true);
    expect(await answersAgain(server)).toContain("Hello!");
    expect({ url: server.url, apiKey: server.apiKey }).toEqual({ url, apiKey });
    const second = await before(world.open());
    expect(second.url).toBe(url);
    await Promise.all([server.stop(), second.stop()]);
  });

  it("not by a question that comes before the program that started it", async () => {
    const opening = world.open();
    const questions = Array.from({ length: 40 }, () => world.status().then(() => sleep(5)));
    await Promise.all(questions);
    const server = await before(opening);
    expect(await answersAgain(server)).toContain("Hello!");
    await server.stop();
  });

  it("with no client left: the next one finds a dead socket and a dead lock, and starts another", async () => {
    const first = await world.open({ idleSeconds: 60 });
    await first.stop();
    const supervisor = await world.supervisorPid();
    process.kill(supervisor, "SIGKILL");
    expect(await gone(first.pid)).toBe(true);
    // a pid that nobody has
    writeFileSync(join(world.runtime, "lock"), "2147483646 left-behind");
    const second = await before(world.open());
    expect(isRunning(second.pid)).toBe(true);
    await second.stop();
  });
});
