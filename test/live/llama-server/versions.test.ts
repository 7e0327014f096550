import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { stopServers, reachSupervisor } from "../../../src/llama-server/supervisor-client.ts";
import { PROTOCOL_VERSION } from "../../../src/llama-server/protocol.ts";

let cache: string;
let where: { cache: string; environment: Record<string, string | undefined> };
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "gpt-oss-versions-"));
  where = { cache, environment: { ...process.env, GPT_OSS_RUNTIME: cache } };
});
afterEach(async () => {
  await stopServers(where);
  await rm(cache, { recursive: true, force: true });
});

/** Stands in for the supervisor of another version; what it says to `retire` is all that the two have in common. */
async function startOtherVersion(answer: object): Promise<Server> {
  const server = createServer((socket: Socket) => {
    socket.write(`${JSON.stringify({ type: "hello", protocol: PROTOCOL_VERSION + 1, version: "9.9.9", pid: 1 })}\n`);
    socket.on("data", () => {
      socket.end(`${JSON.stringify(answer)}\n`);
      if ("leases" in answer) return;
      server.close();
    });
  });
  server.listen(join(cache, "supervisor.sock"));
  await once(server, "listening");
  return server;
}

describe("the supervisor of another version", () => {
  it("makes room when nobody uses it", async () => {
    await startOtherVersion({ type: "retired" });
    const connection = await reachSupervisor(where);
    expect(connection.hello.protocol).toBe(PROTOCOL_VERSION);
    await connection.close();
  });

  it("is left alone when somebody does, which is said", async () => {
    const server = await startOtherVersion({ type: "busy", leases: 2 });
    await expect(reachSupervisor(where)).rejects.toMatchObject({
      code: "server-failed",
      message: "gpt-oss 9.9.9 runs a server that this version can't share (in use: 2, supervisor: process 1).",
    });
    server.close();
  });
});
