import { type Config, type ConfigText, readConfig } from "../config/config.ts";
import { createError, localize } from "../i18n/error-messages.ts";
import { type CliText, textFor } from "../i18n/catalogue.ts";
import { chooseModel, type LocalModel } from "../llama-server/installed-models.ts";
import { requireProgram } from "../llama-server/find-server.ts";
import { describeNotice } from "../llama-server/lease.ts";
import { type ContextRange } from "../llama-server/memory-estimate.ts";
import { type OpenServer, openServer } from "../llama-server/open-server.ts";
import { quoteForShell } from "../platform/child-process.ts";
import { cacheFolder } from "../platform/folders.ts";
import { thisMachine } from "../platform/platform.ts";
import { StatusLine } from "../terminal/progress.ts";
import { asItIs } from "../terminal/style.ts";
import type { CommandContext } from "./command-options.ts";
import { detachGateway, runsDetached } from "./detach-gateway.ts";
import { describeLogEvent } from "./gateway-log.ts";
import { checkAccess, checkPort, newApiKey, openGateway } from "./open-gateway.ts";

export interface ServeFlags extends ConfigText {
  readonly parallel?: number;
  readonly host?: string;
  readonly corsOrigin?: string;
  readonly logPrompts?: boolean;
  readonly raw?: boolean;
  readonly detach?: boolean;
}

/** `gpt-oss serve`: a server for other programs, in the foreground until Ctrl-C, or running by itself with --detach. */
export async function serve(flags: ServeFlags, world: CommandContext): Promise<number> {
  checkAccess(flags.host, flags.apiKey);
  const words = textFor(world.language).cli;
  return flags.raw ? await serveRaw(flags, world, words) : await serveGateway(flags, world, words);
}

async function serveGateway(flags: ServeFlags, world: CommandContext, words: CliText): Promise<number> {
  const { apiKey, host, corsOrigin, logPrompts = false, parallel, detach, ...settings } = flags;
  const config = readConfig({ flags: settings, environment: world.environment, folder: world.folder });
  if (!detach || !(await runsDetached(config.port, world))) await checkPort(host, config.port);
  const opened = await openModelServer({ config, slots: parallel, idleSeconds: 0 }, world, words);
  const { server, model, program, cache } = opened;
  const access = { host, port: config.port ?? 0, corsOrigin, logPrompts };
  try {
    if (detach) {
      const { context, rpc } = config;
      const { name, path, bytes, entry } = model;
      const file = { name, path, bytes, isInCatalogue: entry !== undefined };
      const wanted = { program, cache, model: file, context, slots: parallel, rpc };
      const gateway = await detachGateway(server, { ...access, apiKey, ...wanted }, world);
      describeUse(server, `${gateway.url}/v1`, gateway.apiKey, { flags, world, words });
      world.stderr.write(`${words.serve.stays}\n`);
      return 0;
    }
    const key = apiKey || newApiKey();
    const onLog = (event: Parameters<typeof describeLogEvent>[0]) =>
      void world.stderr.write(`${describeLogEvent(event)}\n`);
    await using gateway = await openGateway({ ...access, server, model, apiKey: key, detached: false, onLog });
    describeUse(server, `${gateway.url}/v1`, key, { flags, world, words });
    await untilEnd(server, world);
  } finally {
    await server.stop();
  }
  world.stderr.write(`${words.serve.stopped}\n`);
  return 0;
}

/** llama-server itself, without a gateway. */
async function serveRaw(flags: ServeFlags, world: CommandContext, words: CliText): Promise<number> {
  const { apiKey, host, parallel, detach, corsOrigin, logPrompts, ...settings } = flags;
  if (corsOrigin !== undefined || logPrompts) {
    throw createError("notWithRaw", [corsOrigin === undefined ? "--log-prompts" : "--cors-origin"]);
  }
  const config = readConfig({ flags: settings, environment: world.environment, folder: world.folder });
  const wanted = { config, slots: parallel, idleSeconds: 0, address: { port: config.port, host, apiKey } };
  const { server } = await openModelServer(wanted, world, words);
  try {
    describeUse(server, `${server.url}/v1`, server.apiKey, { flags, world, words });
    if (detach) {
      await server.keep();
      world.stderr.write(`${words.serve.stays}\n`);
      return 0;
    }
    await untilEnd(server, world);
  } finally {
    await server.stop();
  }
  world.stderr.write(`${words.serve.stopped}\n`);
  return 0;
}

export interface ModelServerOptions {
  readonly config: Config;
  readonly slots?: number | undefined;
  /** For whom the context is chosen, if the settings do not say how large it is. */
  readonly contextFor?: ContextRange | undefined;
  /** Says nothing more once the server is ready: the screen belongs to another program. */
  readonly quietOnceOpen?: boolean;
  readonly idleSeconds?: number | undefined;
  /** Where llama-server itself listens; by default, wherever the one listens that others share. */
  readonly address?: {
    readonly port: number | undefined;
    readonly host: string | undefined;
    readonly apiKey: string | undefined;
  };
}

export interface OpenedModelServer {
  readonly server: OpenServer;
  readonly model: LocalModel;
  readonly program: string;
  readonly cache: string;
}

/** Opens the llama-server that everything on this account shares, and shows how much of the model is loaded. */
export async function openModelServer(
  { config, slots, contextFor, quietOnceOpen = false, idleSeconds, address }: ModelServerOptions,
  { environment, signal, stderr }: CommandContext,
  words: CliText,
): Promise<OpenedModelServer> {
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const { llamaServer: named, rpc } = config;
  const program = await requireProgram({ machine, cache, named, rpc: rpc !== undefined, signal });
  const model = await chooseModel({ wanted: config.model, cache, environment });
  const loading = new StatusLine({
    write: (text) => void stderr.write(text),
    columns: () => stderr.columns ?? 80,
    paint: asItIs,
    enabled: stderr.isTTY,
    plain: true,
  });
  let isQuiet = false;
  try {
    const server = await openServer({
      program,
      model,
      cache,
      environment,
      signal,
      contextSize: config.context,
      contextFor,
      slots,
      ...address,
      rpc,
      idleSeconds,
      onNotice: (notice) => {
        if (isQuiet) return;
        if (notice.kind === "loading") {
          const percent = Math.round(notice.fraction * 100);
          loading.show(() => words.serve.loading(model.name, percent));
          return;
        }
        loading.clear();
        const sentence = describeNotice(notice);
        if (sentence !== undefined) stderr.write(`${localize(words.language, sentence)}\n`);
      },
    });
    isQuiet = quietOnceOpen;
    return { server, model, program, cache };
  } finally {
    loading.clear();
  }
}

/** What another program needs to know: on standard output, as lines that a shell can run. */
function describeUse(
  server: OpenServer,
  baseUrl: string,
  apiKey: string,
  { flags, world, words }: { flags: ServeFlags; world: CommandContext; words: CliText },
): void {
  const { environment, folder, stderr, stdout } = world;
  const { context } = readConfig({ flags: { context: flags.context }, environment, folder });
  if (context !== undefined && server.contextSize < context) {
    stderr.write(`${words.serve.contextLimited(context, server.contextSize)}\n`);
  }
  stderr.write(`${words.serve.ready(server.slots, server.contextSize, flags.raw === true)}\n`);
  stdout.write(`export OPENAI_BASE_URL=${quoteForShell(baseUrl)}\nexport OPENAI_API_KEY=${quoteForShell(apiKey)}\n`);
}

async function untilEnd(server: OpenServer, { signal }: CommandContext): Promise<void> {
  const interruption = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([server.ended, interruption]);
  // it ended by itself: this throws why
  if (!signal.aborted) await server.ready();
}
