import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../platform/folders.ts";
import { failed } from "../i18n/error-messages.ts";
import { askStatus, stopServers } from "../llama-server/supervisor-client.ts";
import type { ServerStatus } from "../llama-server/protocol.ts";
import { type CommandWords, textFor } from "../i18n/catalogue.ts";
import type { CommandContext } from "./command-options.ts";

const FOLLOW_MS = 200;

/** `gpt-oss serve status`: exit status 0 when a server is there, 3 when none is. */
export async function serveStatus({ json }: { readonly json?: boolean }, world: CommandContext): Promise<number> {
  const status = await askStatus(where(world));
  const servers = status?.servers ?? [];
  const words = textFor(world.language).cli;
  if (json) world.stdout.write(`${JSON.stringify({ supervisor: status?.pid ?? null, servers }, undefined, 2)}\n`);
  else if (servers.length === 0) world.stdout.write(`${words.serve.noneRunning}\n`);
  else for (const server of servers) world.stdout.write(`${describeServer(server, words)}\n`);
  return servers.length > 0 ? 0 : 3;
}

/** "demo (raw) ready at http://…, pid 12: 1 slot of 8192 tokens, used by 1 (pid 34)". */
export function describeServer(server: ServerStatus, { serve: words, comma }: CommandWords): string {
  const { model, mode, state, url, pid, slots, contextPerSlot, leases, kept, layers, restarts } = server;
  const place = url === undefined ? "" : words.at(url, pid);
  const users = leases.length === 0 ? [] : [words.usedBy(leases.length, leases.join(", "))];
  const details = [
    words.slots(slots, contextPerSlot),
    ...(layers ? [words.layers(layers.offloaded, layers.total)] : []),
    ...users,
    ...(kept ? [words.kept] : []),
    ...(restarts > 0 ? [words.restarted(restarts)] : []),
  ];
  return `${model} (${mode}) ${words.states[state]}${place}: ${details.join(comma)}`;
}

/** `gpt-oss serve stop`: all of them, whoever uses them. */
export async function serveStop(world: CommandContext): Promise<number> {
  const stopped = await stopServers(where(world));
  const { serve } = textFor(world.language).cli;
  world.stderr.write(`${stopped === 0 ? serve.noneRunning : serve.stoppedServers(stopped)}\n`);
  return 0;
}

/** `gpt-oss serve logs`: of the server that runs, else of the last one. */
export async function serveLogs({ follow }: { readonly follow?: boolean }, world: CommandContext): Promise<number> {
  const status = await askStatus(where(world));
  const path = status?.servers.at(-1)?.logFile ?? newestLog(join(where(world).cache, "logs"));
  if (path === undefined) {
    throw failed("noServerLog", []);
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
    // a log that has become shorter was begun anew
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
