import { cacheFolder } from "../../setup/folders.ts";
import { thisMachine } from "../../setup/platform.ts";
import { type ConfigText, readConfig } from "../config/config.ts";
import { isLoopback } from "../config/loopback.ts";
import { failed, phraseIn } from "../failures/failure.ts";
import { chooseModel } from "../server/choose-model.ts";
import { describeNotice } from "../server/client/server-notice.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { requireProgram } from "../server/require-program.ts";
import { interfaceLanguage } from "./interface-language.ts";
import { LoadingLine } from "./loading-line.ts";
import { type CommandWords, commandWordsIn } from "./words/index.ts";
import type { World } from "./world.ts";

export interface ServeFlags extends ConfigText {
  readonly parallel?: number;
  readonly host?: string;
  readonly raw?: boolean;
  readonly detach?: boolean;
}

/** `gpt-oss serve`: a server for other programs, in the foreground until Ctrl-C, or kept with --detach. */
export async function serve(flags: ServeFlags, world: World): Promise<number> {
  checkHost(flags);
  const words = commandWordsIn(await interfaceLanguage(world));
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

async function openForOthers(flags: ServeFlags, world: World, words: CommandWords): Promise<OpenedServer> {
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
function describeUse(server: OpenServer, { raw }: ServeFlags, { stdout, stderr }: World, words: CommandWords): void {
  stderr.write(`${words.serve.ready(server.slots, server.contextSize, raw === true)}\n`);
  stdout.write(`export OPENAI_BASE_URL=${server.url}/v1\nexport OPENAI_API_KEY=${server.apiKey}\n`);
}

async function untilEnd(server: OpenServer, { signal }: World): Promise<void> {
  const interruption = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([server.ended, interruption]);
  // it ended by itself: this throws why
  if (!signal.aborted) await server.ready();
}
