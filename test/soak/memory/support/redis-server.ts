import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface RedisServer extends AsyncDisposable {
  /** Path of the Unix socket at which it listens, and nowhere else. */
  readonly socket: string;
}

/** A real Redis in a folder of its own. @throws when the machine has none: `apt-get install redis-server`, `brew install redis` */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-redis-"));
  const socket = join(folder, "redis.sock");
  const words = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child, "spawn");
  const ended = once(child, "close");
  for await (const line of createInterface(child.stdout)) {
    if (line.includes("eady to accept connections")) break;
  }
  return {
    socket,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
