import { spawn } from "node:child_process";
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { packageFile } from "../../../src/platform/folders.ts";

/** The real server that the Model Context Protocol's authors publish for tests of clients. */
const EVERYTHING = packageFile("node_modules/@modelcontextprotocol/server-everything/dist/index.js");

/** It would listen to the whole network, and says no port that the system chose: both are mended before it is loaded. */
const ON_LOOPBACK = `data:text/javascript,
  import net from "node:net";
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (port, ...rest) {
    this.once("listening", () => console.error("port=" + this.address().port));
    return listen.call(this, port, "127.0.0.1", ...rest);
  };`;

export interface HttpSite extends AsyncDisposable {
  readonly url: string;
}

/** MCP over streamable HTTP. */
export async function startEverything(): Promise<HttpSite> {
  const child = spawn(process.execPath, ["--import", ON_LOOPBACK, EVERYTHING, "streamableHttp"], {
    env: { PATH: process.env["PATH"], PORT: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = once(child, "close");
  const port = await new Promise<string>((resolve, reject) => {
    let written = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      written += text;
      const [, found] = /port=(\d+)/.exec(written) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => {
      reject(new Error(`the MCP server ended: ${written}`));
    });
  });
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** A gate before it that lets nobody pass who lacks the header. */
export async function startGate(target: string, header: string, value: string): Promise<HttpSite> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers[header] !== value) {
      outgoing.writeHead(401, { "content-type": "text/plain" }).end("who are you?");
      return;
    }
    const { method, headers } = incoming;
    const passed = forward(target, { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return await listening(server);
}

/** Takes a request, and never answers it. */
export async function startSilence(): Promise<HttpSite> {
  return await listening(createServer(() => undefined));
}

async function listening(server: Server): Promise<HttpSite> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
