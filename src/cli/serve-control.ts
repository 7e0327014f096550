import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../platform/folders.ts";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { showableText } from "../terminal/untrusted-text.ts";
import { processState } from "../llama-server/supervised-server.ts";
import { askStatus, stopServers } from "../llama-server/supervisor-client.ts";
import type { ServerStatus } from "../llama-server/protocol.ts";
import { type CliText, textFor } from "../i18n/catalogue.ts";
import type { CommandContext } from "./command-options.ts";

const FOLLOW_MS = 200;
const GATEWAY_END_MS = 3_000;

type GatewayStatus = ServerStatus["gateways"][number];

/** `gpt-oss serve status`: exit status 0 when a server runs, 3 when none does. */
export async function serveStatus({ json }: { readonly json?: boolean }, world: CommandContext): Promise<number> {
  const status = await askStatus(where(world));
  const servers = status?.servers ?? [];
  const words = textFor(world.language).cli;
  if (json) {
    const shown = servers.map((server) => ({ ...server, gateways: server.gateways.map(withoutKey) }));
    world.stdout.write(`${JSON.stringify({ supervisor: status?.pid ?? null, servers: shown }, undefined, 2)}\n`);
  } else if (servers.length === 0) world.stdout.write(`${words.serve.noneRunning}\n`);
  else {
    const lines = servers.flatMap((server) => [
      describeServer(server, words),
      ...server.gateways.map((gateway) => `  ${describeGateway(gateway, words)}`),
    ]);
    world.stdout.write(lines.map((line) => `${showableText(line)}\n`).join(""));
  }
  return servers.length > 0 ? 0 : 3;
}

/** "demo ready at http://…, pid 12: 1 slot of 8192 tokens, used by 1 (pid 34)". */
export function describeServer(server: ServerStatus, { serve: words, comma }: CliText): string {
  const { model, state, url, pid, slots, contextPerSlot, leases, kept, layers, restarts } = server;
  const place = url === undefined ? "" : words.at(url, pid);
  const users = leases.length === 0 ? [] : [words.usedBy(leases.length, leases.join(", "))];
  const details = [
    words.slots(slots, contextPerSlot),
    ...(layers ? [words.layers(layers.offloaded, layers.total)] : []),
    ...users,
    ...(kept ? [words.kept] : []),
    ...(restarts > 0 ? [words.restarted(restarts)] : []),
  ];
  return `${model} ${words.states[state]}${place}: ${details.join(comma)}`;
}

function withoutKey(gateway: GatewayStatus): Partial<GatewayStatus> {
  return { ...gateway, apiKey: undefined };
}

/** "gateway at http://…, pid 12: clients codex_exec/0.171.0, 3 requests answered, 5.1 tokens/s, 83 % of the prompt tokens from the cache". */
function describeGateway(gateway: GatewayStatus, { serve: words, comma }: CliText): string {
  const { url, pid, clients, requests, activeRequests, failedRequests } = gateway;
  const { tokensPerSecond, promptTokens, cachedTokens } = gateway;
  const details = [
    words.clients(clients),
    words.requests(requests, activeRequests, failedRequests),
    ...(tokensPerSecond === undefined ? [] : [words.tokensPerSecond(tokensPerSecond.toFixed(1))]),
    ...(promptTokens === 0 ? [] : [words.fromCache(Math.round((100 * cachedTokens) / promptTokens))]),
  ];
  return `${words.gateway(url, pid)}: ${details.join(comma)}`;
}

/** `gpt-oss serve stop`: stops all servers, including those in use. A gateway ends with its server. */
export async function serveStop(world: CommandContext): Promise<number> {
  const status = await askStatus(where(world));
  const gateways = status?.servers.flatMap((server) => server.gateways.filter(({ detached }) => detached)) ?? [];
  const stopped = await stopServers(where(world));
  await Promise.all(gateways.map(({ pid }) => untilEnded(pid)));
  const { serve } = textFor(world.language).cli;
  world.stderr.write(`${stopped === 0 ? serve.noneRunning : serve.stoppedServers(stopped)}\n`);
  return 0;
}

/** A gateway ends when it learns that its server has ended. One that is suspended cannot, and is killed. */
async function untilEnded(pid: number): Promise<void> {
  for (const deadline = performance.now() + GATEWAY_END_MS; performance.now() < deadline; await sleep(20)) {
    const state = await processState(pid);
    // its parent may not have asked for its exit status yet
    if (state === "" || state.startsWith("Z")) return;
    if (state.startsWith("T")) break;
  }
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (systemCodeOf(error) !== "ESRCH") throw error;
  }
}

/** `gpt-oss serve logs`: of the server that runs, else of the last one. */
export async function serveLogs({ follow }: { readonly follow?: boolean }, world: CommandContext): Promise<number> {
  const status = await askStatus(where(world));
  const path = status?.servers.at(-1)?.logFile ?? newestLog(join(where(world).cache, "logs"));
  if (path === undefined) {
    throw createError("noServerLog", []);
  }
  world.stderr.write(`${path}\n`);
  const shown = await copyFrom(path, 0, world);
  if (follow) await followLog(path, shown, world);
  return 0;
}

async function followLog(path: string, from: number, world: CommandContext): Promise<void> {
  let shown = from;
  while (!world.signal.aborted) {
    await sleep(FOLLOW_MS, undefined, { signal: world.signal }).catch(() => undefined);
    const size = existsSync(path) ? statSync(path).size : 0;
    // a log that has become shorter was started again
    shown = await copyFrom(path, size < shown ? 0 : shown, world);
  }
}

async function copyFrom(path: string, start: number, { stdout }: CommandContext): Promise<number> {
  let end = start;
  if (!existsSync(path)) return 0;
  for await (const chunk of createReadStream(path, { start })) {
    stdout.write(chunk as Uint8Array);
    end += (chunk as Uint8Array).byteLength;
  }
  return end;
}

function newestLog(folder: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^server-.*\.log$/.test(name)) : [];
  const logs = names.flatMap((name) => {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? [{ path, modified: found.mtimeMs }] : [];
  });
  return logs.toSorted((one, other) => other.modified - one.modified)[0]?.path;
}

function where({ environment }: CommandContext) {
  return { cache: cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux"), environment };
}
