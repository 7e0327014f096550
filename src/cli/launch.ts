import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { readConfig } from "../config/config.ts";
import type { ConfigText } from "../config/settings.ts";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { type CliText, textFor } from "../i18n/catalogue.ts";
import { requestServerJson } from "../llama-server/http.ts";
import { askStatus } from "../llama-server/supervisor-client.ts";
import { ServerLog } from "../llama-server/server-log.ts";
import { readVerified } from "../llama-server/verify.ts";
import { userProgramEnvironment } from "../platform/child-environment.ts";
import { quoteForShell } from "../platform/child-process.ts";
import { cacheFolder } from "../platform/folders.ts";
import { thisMachine } from "../platform/platform.ts";
import type { CommandContext } from "./command-options.ts";
import { describeLogEvent } from "./gateway-log.ts";
import {
  type ClientConnection,
  type ClientSettings,
  CLIENTS,
  LAUNCH_CLIENTS,
  type LaunchClient,
  type LaunchClientName,
} from "./launch-clients.ts";
import { newApiKey, openGateway } from "./open-gateway.ts";
import type { Interrupts } from "./process-events.ts";
import { type OpenedModelServer, openModelServer } from "./serve.ts";

export interface LaunchFlags extends ConfigText {
  readonly print?: boolean;
}

/** A first prompt that takes longer is announced. */
const PATIENCE_SECONDS = 20;
/** Enough to measure how fast prompts are read, and read within seconds on a slow machine. */
const MEASURED_WORDS = 48;
const MEASURE_MS = 20_000;

/** `gpt-oss launch codex -- …`: runs a client on a model of this machine. @returns the client's exit status */
export async function launch(
  name: string,
  words: readonly string[],
  flags: LaunchFlags,
  world: CommandContext,
  interrupts: Interrupts,
): Promise<number> {
  const client = findClient(name);
  const { print, ...settings } = flags;
  const { environment, folder } = world;
  const config = readConfig({ flags: settings, environment, folder });
  const texts = textFor(world.language).cli;
  if (print) return await printSettings(client, words, config.model, world, texts);
  const program = thisMachine(environment).find(client.program);
  if (program === undefined) throw createError("clientMissing", [client.title, client.npmPackage]);
  const opened = await openModelServer(
    { config, contextFor: client.context, quietOnceOpen: true, idleSeconds: config.idleSeconds },
    world,
    texts,
  );
  const { server, model, cache } = opened;
  const log = new ServerLog(join(cache, "logs", "gateway-launch.log"));
  try {
    if (server.contextSize < client.context.smallest) {
      throw createError("contextTooSmall", [client.title, client.context.smallest, model.name, server.contextSize]);
    }
    await announceFirstPrompt(client, opened, world, texts);
    const apiKey = newApiKey();
    const access = { port: 0, apiKey, logPrompts: false, detached: false };
    const onLog = (event: Parameters<typeof describeLogEvent>[0]) => log.writeLine(describeLogEvent(event));
    await using gateway = await openGateway({ ...access, server, model, onLog });
    const connection = { url: gateway.url, apiKey, model: model.name, contextSize: server.contextSize };
    return await runClient(program, words, client.settings(connection), world, interrupts);
  } finally {
    log.close();
    await server.stop();
  }
}

function findClient(name: string): LaunchClient {
  const known = LAUNCH_CLIENTS.find((candidate): candidate is LaunchClientName => candidate === name);
  if (known === undefined) throw createError("unknownClient", [name, LAUNCH_CLIENTS.join(", ")]);
  return CLIENTS[known];
}

/** On a slow machine, says how long the client will seem to do nothing. */
async function announceFirstPrompt(
  client: LaunchClient,
  opened: OpenedModelServer,
  world: CommandContext,
  { launch: texts }: CliText,
): Promise<void> {
  const speed = await promptSpeed(opened, world.signal);
  if (speed === undefined) return;
  const seconds = client.firstPromptTokens / speed;
  if (seconds < PATIENCE_SECONDS) return;
  const minutes = Math.max(1, Math.round(seconds / 60));
  world.stderr.write(`${texts.firstPrompt(client.title, client.firstPromptTokens, formatSpeed(speed), minutes)}\n`);
}

function formatSpeed(speed: number): string {
  return speed < 10 ? speed.toFixed(1) : String(Math.round(speed));
}

/** Prompt tokens per second: as setup measured them, else as a short prompt shows. */
async function promptSpeed(
  { server, model, program, cache }: OpenedModelServer,
  signal: AbortSignal,
): Promise<number | undefined> {
  const measured = await readVerified(cache, program, model.path);
  if (measured !== undefined) return measured.promptPerSecond;
  const prompt = Array.from({ length: MEASURED_WORDS }, (_, at) => `word ${at}`).join(" ");
  try {
    const reply = await requestServerJson({
      baseUrl: server.url,
      apiKey: server.apiKey,
      path: "/completion",
      body: { prompt, n_predict: 0, cache_prompt: false },
      signal: AbortSignal.any([signal, AbortSignal.timeout(MEASURE_MS)]),
    });
    return timingsSchema.parse(reply).timings.prompt_per_second;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined; // the server may be busy with another request
  }
}

const timingsSchema = z.object({ timings: z.object({ prompt_per_second: z.number().positive() }) });

/** Runs the client on our own terminal. It gets the signals; we stay until it has ended. */
async function runClient(
  program: string,
  words: readonly string[],
  settings: ClientSettings,
  { environment, folder, stdin }: CommandContext,
  interrupts: Interrupts,
): Promise<number> {
  const temporary = await mkdtemp(join(tmpdir(), "gpt-oss-launch-"));
  try {
    const own: string[] = [];
    for (const argument of settings.arguments) {
      if (typeof argument === "string") own.push(argument);
      else {
        const path = join(temporary, argument.file);
        await writeFile(path, argument.text, { mode: 0o600 });
        own.push(path);
      }
    }
    const child = spawn(program, [...own, ...words], {
      cwd: folder,
      stdio: "inherit",
      env: userProgramEnvironment(clientEnvironment(environment, settings)),
    });
    // a terminal sends Ctrl-C to the client too
    const passOn = (signal: NodeJS.Signals) =>
      void (signal === "SIGINT" && stdin.isTTY ? undefined : child.kill(signal));
    return await interrupts.passedTo(passOn, () => exitStatusOf(child));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What any program gets that the user starts, with our settings. Keys of ours stay here. */
function clientEnvironment(environment: CommandContext["environment"], { environment: own, unset }: ClientSettings) {
  const removed = new Set([...unset, "GPT_OSS_API_KEY", "HF_TOKEN"]);
  const inherited = Object.entries(environment).filter(([name]) => !removed.has(name));
  return { ...Object.fromEntries(inherited), ...own };
}

async function exitStatusOf(child: ChildProcess): Promise<number> {
  return await new Promise((settle, reject) => {
    child.once("error", (error) => {
      reject(
        createError("clientNotStarted", [child.spawnfile, systemCodeOf(error) ?? error.message], { cause: error }),
      );
    });
    child.once("exit", (status, signal) => settle(status ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}

/** `--print`: lines that a shell can run, for a server that `gpt-oss serve --detach` left running. */
async function printSettings(
  client: LaunchClient,
  words: readonly string[],
  wantedModel: string | undefined,
  { environment, stdout, stderr }: CommandContext,
  { launch: texts }: CliText,
): Promise<number> {
  const cache = cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
  const connection = await findConnection(cache, environment, wantedModel);
  if (connection === undefined) stderr.write(`${texts.noServer}\n`);
  const settings = client.settings(connection ?? placeholder(client, wantedModel));
  const own = settings.arguments.map((argument) => (typeof argument === "string" ? argument : argument.text));
  const lines = [
    ...settings.unset.map((name) => `unset ${name}`),
    ...Object.entries(settings.environment).map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
    [client.program, ...own, ...words].map(quoteForShell).join(" "),
  ];
  stdout.write(`${lines.join("\n")}\n`);
  return 0;
}

async function findConnection(
  cache: string,
  environment: CommandContext["environment"],
  wantedModel: string | undefined,
): Promise<ClientConnection | undefined> {
  const status = await askStatus({ cache, environment });
  for (const { model, modelPath, contextPerSlot, gateways } of status?.servers ?? []) {
    const gateway = gateways.find(({ detached }) => detached);
    const isWanted = wantedModel === undefined || wantedModel === model || resolve(wantedModel) === modelPath;
    if (gateway === undefined || !isWanted) continue;
    return { url: gateway.url, apiKey: gateway.apiKey, model, contextSize: contextPerSlot };
  }
  return undefined;
}

/** Shows the form of the settings where no server runs. */
function placeholder({ context }: LaunchClient, model = "gpt-oss-20b"): ClientConnection {
  return { url: "http://127.0.0.1:8080", apiKey: "KEY", model, contextSize: context.comfortable };
}
