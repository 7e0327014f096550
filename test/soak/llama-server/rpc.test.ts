import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCli } from "../../live/support/run-cli.ts";
import { ask, makeServerWorld, type ServerWorld } from "../../live/llama-server/support/world.ts";
import { freePort, rpcProgram, startRpcServer } from "./support/rpc-server.ts";

const QUESTIONS = ["Hello", "Count to 30.", "What is the capital of Japan?", "こんにちは"];

let world: ServerWorld;
beforeEach(async () => {
  world = await makeServerWorld();
});
afterEach(() => world.close());

/** The devices that hold weights of the model, by llama-server's log. */
async function devicesWithWeights(logFile: string): Promise<string[]> {
  const log = await readFile(logFile, "utf8");
  return [...log.matchAll(/load_tensors: +(\S+) model buffer size = +([\d.]+) MiB/g)]
    .filter(([, , size]) => Number(size) > 0)
    .map(([, device = ""]) => device);
}

describe("a model on two rpc-servers", () => {
  it("answers as it does on one machine, with layers on both", async () => {
    await using first = await startRpcServer();
    await using second = await startRpcServer();
    const rpc = `${first.address},${second.address}`;
    const alone = await world.open();
    const spread = await world.open({ program: await rpcProgram(), rpc });
    expect(spread.pid).not.toBe(alone.pid);
    for (const question of QUESTIONS) expect(await ask(spread, question)).toBe(await ask(alone, question));
    const devices = await devicesWithWeights(spread.logFile);
    for (const { address } of [first, second]) expect(devices.join()).toContain(address);
    expect((await devicesWithWeights(alone.logFile)).join()).not.toContain("RPC");
    await Promise.all([alone.stop(), spread.stop()]);
  });

  it("is what a chat with --rpc talks to", async () => {
    await using first = await startRpcServer();
    await using second = await startRpcServer();
    const words = ["chat", "--model", "demo", "--rpc", `${first.address},${second.address}`];
    const chat = await runCli(words, { input: "Hello\n", environment: world.environment });
    expect(chat).toMatchObject({ status: 0, stdout: "Hello! How can I help you?\n" });
  });

  it("that are not there is said, and which", async () => {
    await using first = await startRpcServer();
    const missing = `127.0.0.1:${await freePort()}`;
    const words = ["chat", "--model", "demo", "--rpc", `${first.address},${missing}`];
    const chat = await runCli(words, { input: "Hello\n", environment: world.environment });
    expect(chat).toMatchObject({ status: 3, stdout: "" });
    expect(chat.stderr).toContain(`llama-server can't load demo: no rpc-server answers at ${missing}.`);
  });

  it("of which one dies ends with the reason", async () => {
    await using first = await startRpcServer();
    const second = await startRpcServer();
    const options = { program: await rpcProgram(), rpc: `${first.address},${second.address}` };
    const server = await world.open(options);
    await second.kill();
    // as whatever the moment makes of it: refused, or cut off
    expect(await ask(server, "Count to 30.").catch(() => "no answer")).toBe("no answer");
    await server.ended;
    await expect(server.ready()).rejects.toMatchObject({
      code: "server-failed",
      message: expect.stringContaining(`no rpc-server answers at ${second.address}`),
    });
    await server.stop();
  });
});
