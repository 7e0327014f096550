import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findServer } from "../../../../src/llama-server/find-server.ts";
import { liveCache, liveMachine } from "../../../live/support/live-machine.ts";

/** llama.cpp's rpc-server on loopback, as another machine would run it. */
export interface RpcServer extends AsyncDisposable {
  /** `host:port` */
  readonly address: string;
  kill(): Promise<void>;
}

/** The llama-server that can use rpc-servers; global-setup.mjs has built it. */
export async function rpcProgram(): Promise<string> {
  const found = await findServer({
    machine: liveMachine(),
    cache: liveCache(),
    backend: "cpu",
    rpc: true,
    usePath: false,
  });
  if (found === undefined) throw new Error("global-setup.mjs should have built llama-server with rpc");
  return found.path;
}

export async function startRpcServer(): Promise<RpcServer> {
  const port = await freePort();
  const program = join(dirname(await rpcProgram()), "ggml-rpc-server");
  const words = ["--host", "127.0.0.1", "--port", String(port), "--threads", "1"];
  const child = spawn(program, words, { stdio: "ignore" });
  const ended = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  await Promise.race([
    untilListening(port),
    ended.then(([status]) => {
      throw new Error(`${program} ended with status ${String(status)}`);
    }),
  ]);
  return { address: `127.0.0.1:${port}`, kill, [Symbol.asyncDispose]: kill };
}

/** Where nobody listens; it takes no port 0 that the system could choose. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await sleep(20);
  }
}
