import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCli } from "../support/run-cli.ts";
import { ask, makeServerWorld, type ServerWorld } from "./support/world.ts";

let world: ServerWorld;
beforeEach(async () => {
  world = await makeServerWorld();
});
afterEach(async () => {
  await world.close();
});

const HOSTILE = {
  LLAMA_ARG_DEVICE: "nonsense",
  LLAMA_ARG_API_PREFIX: "/elsewhere",
  LLAMA_ARG_PORT: "1",
  LLAMA_ARG_CTX_SIZE: "64",
  LLAMA_ARG_HOST: "0.0.0.0",
  LLAMA_ARG_MODEL: "/nowhere",
  LLAMA_API_KEY: "another",
  GGML_BACKEND_PATH: "/nowhere.so",
};

/** What a process was started with; undefined on a system that does not tell. */
function variablesOf(pid: number): readonly string[] | undefined {
  return process.platform === "linux" ? readFileSync(`/proc/${pid}/environ`, "utf8").split("\0") : undefined;
}

describe("variables of the user's shell", () => {
  it("do not reach llama-server when they contradict how it is started", async () => {
    const environment = { ...world.environment, ...HOSTILE };
    const server = await world.open({ environment });
    expect(await ask(server, "Hello")).toContain("Hello!");
    const plain = await world.open();
    expect(plain.pid).toBe(server.pid);
    await plain.stop();
    await server.stop();
    const doctor = await runCli(["doctor"], { environment });
    expect(doctor.stdout).toContain("LLAMA_ARG_API_PREFIX");
  });

  it("that choose a device belong to a server's identity: another shell gets another server", async () => {
    const first = await world.open({ environment: { ...world.environment, CUDA_VISIBLE_DEVICES: "0" } });
    const same = await world.open({ environment: { ...world.environment, CUDA_VISIBLE_DEVICES: "0" } });
    const other = await world.open({ environment: { ...world.environment, CUDA_VISIBLE_DEVICES: "1" } });
    expect(same.pid).toBe(first.pid);
    expect(other.pid).not.toBe(first.pid);
    // the supervisor, which the first of them started, has handed down neither its own nor the first one's
    expect(variablesOf(other.pid) ?? ["CUDA_VISIBLE_DEVICES=1"]).toContain("CUDA_VISIBLE_DEVICES=1");
    await Promise.all([first, same, other].map((server) => server.stop()));
  });
});
