import { type ConfigText, readConfig, isLoopback } from "../config/config.ts";
import { failed, phraseIn } from "../i18n/error-messages.ts";
import { type CommandWords, textFor } from "../i18n/catalogue.ts";
import { chooseModel } from "../llama-server/installed-models.ts";
import { requireProgram } from "../llama-server/find-server.ts";
import { describeNotice } from "../llama-server/lease.ts";
import { type OpenServer, openServer } from "../llama-server/open-server.ts";
import { cacheFolder } from "../platform/folders.ts";
import { thisMachine } from "../platform/platform.ts";
import type { CommandContext } from "./command-options.ts";

export interface ServeFlags extends ConfigText {
  readonly parallel?: number;
  readonly host?: string;
  readonly raw?: boolean;
  readonly detach?: boolean;
}

/** `gpt-oss serve`: a server for other programs, in the foreground until Ctrl-C, or kept with --detach. */
export async function serve(flags: ServeFlags, world: CommandContext): Promise<number> {
  checkHost(flags);
  const words = textFor(world.language).cli;
  const { server, context } = await openForOthers(flags, world, words);
  try {
    if (context !== undefined && server.contextSize < context)
      world.stderr.write(`${words.serve.contextLimited(context, server.contextSize)}\n`);
    describeUse(server, flags, world, words);
    if (flags.detach) {
      await server.keep();
      world.stderr.write(`${words.serve.stays}\n`);
      return 0;
    }
    await untilEnd(server, world);
    world.stderr.write(`${words.serve.stopped}\n`);
  } finally {
    await server.stop();
  }
  return 0;
}

/** Other machines can only be let in with a key that somebody has chosen. */
function checkHost({ host, apiKey }: ServeFlags): void {
  if (host === undefined || isLoopback(host) || apiKey) return;
  throw failed("hostWantsKey", [host]);
}

interface OpenedServer {
  readonly server: OpenServer;
  /** The context that was asked for. */
  readonly context: number | undefined;
}

async function openForOthers(flags: ServeFlags, world: CommandContext, words: CommandWords): Promise<OpenedServer> {
  const { environment, folder, signal, stderr } = world;
  const { apiKey, ...settings } = flags;
  const config = readConfig({ flags: settings, environment, folder });
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const { llamaServer: named, rpc } = config;
  const program = await requireProgram({ machine, cache, named, rpc: rpc !== undefined, signal });
  const model = await chooseModel({ wanted: config.model, cache, environment });
  const loading = new LoadingLine(stderr, model.name, words);
  try {
    const server = await openServer({
      program,
      model,
      cache,
      environment,
      signal,
      contextSize: config.context,
      slots: flags.parallel,
      mode: flags.raw ? "raw" : "parsed",
      port: config.port,
      host: flags.host,
      apiKey,
      rpc,
      // Ctrl-C means now
      idleSeconds: 0,
      onNotice: (notice) => {
        if (notice.kind === "loading") return loading.show(notice.fraction);
        loading.clear();
        const sentence = describeNotice(notice);
        if (sentence !== undefined) stderr.write(`${phraseIn(words.language, sentence)}\n`);
      },
    });
    return { server, context: config.context };
  } finally {
    loading.clear();
  }
}

/** What another program has to know: on standard output, in a form that a shell can read. */
function describeUse(
  server: OpenServer,
  { raw }: ServeFlags,
  { stdout, stderr }: CommandContext,
  words: CommandWords,
): void {
  stderr.write(`${words.serve.ready(server.slots, server.contextSize, raw === true)}\n`);
  stdout.write(`export OPENAI_BASE_URL=${server.url}/v1\nexport OPENAI_API_KEY=${server.apiKey}\n`);
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

/** One line on a terminal that shows how much of a model is in memory; elsewhere nothing. */
export class LoadingLine {
  readonly #output: CommandContext["stderr"];
  readonly #model: string;
  readonly #words: CommandWords;
  #shown = "";

  constructor(output: CommandContext["stderr"], model: string, words: CommandWords) {
    this.#output = output;
    this.#model = model;
    this.#words = words;
  }

  show(fraction: number): void {
    const text = this.#words.serve.loading(this.#model, Math.round(fraction * 100));
    if (!this.#output.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#output.write(`\r${text}\u001B[K`);
  }

  clear(): void {
    if (this.#shown !== "") this.#output.write("\r\u001B[K");
    this.#shown = "";
  }
}
