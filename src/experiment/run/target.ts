import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../../errors/errors.ts";
import { detectCapabilities, isOwnTemplate, KnownServer } from "../../inference/capabilities.ts";
import { InferenceClient } from "../../inference/client.ts";
import { explainRequestError } from "../../inference/request-error.ts";
import { chooseModel, type LocalModel } from "../../llama-server/installed-models.ts";
import { requireProgram } from "../../llama-server/find-server.ts";
import { CATALOGUE, type Sampling, type ModelEntry } from "../../llama-server/model-catalogue.ts";
import { openServer } from "../../llama-server/open-server.ts";
import { feedHash } from "../../llama-server/hub-cache.ts";
import { cacheFolder, type Environment, makeFolder } from "../../platform/folders.ts";
import { thisMachine } from "../../platform/platform.ts";
import { LlamaServerClient } from "../../llama-server/client.ts";

/** Slots of a server that is started for an experiment; more share the memory's bandwidth without being faster. */
const DEFAULT_SLOTS = 4;

export interface TargetOptions {
  /** A server that is there already, with or without /v1; one is started when undefined. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Of a server that is started, and the most that are used of any. */
  readonly slots?: number | undefined;
  /** Tokens of one cell's context. */
  readonly context?: number | undefined;
  readonly llamaServer?: string | undefined;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** A llama-server with one model. */
export interface Target extends AsyncDisposable {
  readonly client: LlamaServerClient;
  readonly inference: InferenceClient;
  /** Finds out, once, whether the server splits the channels, on which the form of a constraint depends. */
  detectMode(): Promise<void>;
  readonly model: ModelFacts;
  /** llama.cpp's own words: `b6097-abc1234`. */
  readonly build: string;
  /** Its chat template, in Jinja; empty when the server does not tell. */
  readonly chatTemplate: string;
  readonly slots: number;
  /** Tokens of one slot. */
  readonly contextSize: number;
  /** Resolves when the server can be asked again, if it is one that is restarted for us. */
  ready(): Promise<void>;
}

export function cacheOf(environment: Environment): string {
  return cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
}

/**
 * Opens the server at `baseUrl`, or starts one with as many slots as asked for, which ends with the target.
 * @param model a catalogue name or a .gguf file; the best one installed when undefined
 * @throws GptOssError `server-missing`, `server-unreachable`, `model-missing` or `server-failed`
 */
export async function openTarget(model: string | undefined, options: TargetOptions): Promise<Target> {
  return options.baseUrl === undefined
    ? await startTarget(model, options)
    : await attachTarget(model, options, options.baseUrl);
}

async function startTarget(model: string | undefined, options: TargetOptions): Promise<Target> {
  const { environment, signal, slots = DEFAULT_SLOTS, context } = options;
  const cache = cacheOf(environment);
  const machine = thisMachine(environment);
  const program = await requireProgram({ machine, cache, named: options.llamaServer, signal });
  const facts = await localModelFacts(model, { cache, environment, signal });
  const server = await openServer({
    program,
    model: facts.local,
    cache,
    environment,
    signal,
    slots,
    contextSize: context,
  });
  const client = clientFor(server.url, server.apiKey);
  try {
    const { build, chatTemplate, slots: all, contextSize } = await client.props(signal);
    return {
      client,
      inference: inferenceFor(
        client,
        new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize }),
      ),
      detectMode: () => Promise.resolve(),
      model: facts,
      build,
      chatTemplate,
      // another client may have wanted more of the same server
      slots: Math.min(slots, all),
      contextSize,
      ready: () => server.ready(signal),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function attachTarget(model: string | undefined, options: TargetOptions, baseUrl: string): Promise<Target> {
  const { apiKey, signal, environment } = options;
  const client = clientFor(baseUrl.replace(/\/+$/, "").replace(/\/v1$/, ""), apiKey);
  const { modelPath, alias, build, slots, contextSize, chatTemplate } = await client.props(signal);
  const description = withoutClock(await client.models(signal));
  const knownServer = new KnownServer({
    mode: "unknown",
    isLlamaServer: true,
    hasOwnTemplate: isOwnTemplate(chatTemplate),
    contextSize,
  });
  let detected: Promise<void> | undefined;
  const detect = async () => knownServer.refine(await detectCapabilities({ baseUrl: client.url, apiKey, signal }));
  const hash = await serverModelHash(
    { modelPath, isLocal: isLoopback(client.url), description },
    cacheOf(environment),
    signal,
  );
  return {
    client,
    inference: inferenceFor(client, knownServer),
    detectMode: async () => await (detected ??= detect()),
    build,
    chatTemplate,
    slots: Math.min(slots, options.slots ?? slots),
    contextSize,
    // whoever started it restarts it
    ready: () => Promise.resolve(),
    model: { name: model ?? alias ?? "unnamed", hash, sampling: samplingOf(hash) },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Whether a server at this address runs on this machine. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string(), meta: z.json().optional() })) });

/** /v1/models tells the time too. */
function withoutClock(models: unknown): unknown {
  return modelsSchema.safeParse(models).data;
}

function clientFor(url: string, apiKey: string | undefined): LlamaServerClient {
  return new LlamaServerClient({ url, apiKey, explainError: explainRequestError });
}

function inferenceFor({ url, apiKey }: LlamaServerClient, knownServer: KnownServer): InferenceClient {
  return new InferenceClient({ baseUrl: `${url}/v1`, apiKey, knownServer });
}

/** OpenAI's recommendation, for a model that is not in the catalogue. */
const RECOMMENDED: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0 };

/** What of a model decides its answers. */
export interface ModelFacts {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly hash: string;
  /** How it is sampled where the experiment says nothing. */
  readonly sampling: Sampling;
}

export interface LocalModelFacts extends ModelFacts {
  readonly local: LocalModel;
}

/** @throws GptOssError `model-missing` or `usage` */
export async function localModelFacts(
  wanted: string | undefined,
  options: { readonly cache: string; readonly environment: Environment; readonly signal?: AbortSignal | undefined },
): Promise<LocalModelFacts> {
  const local = await chooseModel({ wanted, ...options });
  const { entry, name, path } = local;
  const hash = entry ? pinnedHash(entry) : await fileHash(path, options.cache, options.signal);
  return { name, hash, sampling: samplingOf(hash), local };
}

/** A known model is sampled as it wants to be, whatever its file is called. */
export function samplingOf(hash: string): Sampling {
  return CATALOGUE.find((entry) => pinnedHash(entry) === hash)?.sampling ?? RECOMMENDED;
}

const stampSchema = z.object({ identity: z.string(), sha256: z.string() });

/** SHA-256 of what setup has verified already. */
export function pinnedHash({ files }: ModelEntry): string {
  const [only] = files;
  if (only && files.length === 1) return only.sha256;
  return createHash("sha256")
    .update(files.map(({ sha256 }) => sha256).join("\n"))
    .digest("hex");
}

/** SHA-256 of a model's file, remembered for as long as the file keeps its size and time. */
export async function fileHash(path: string, cache: string, signal?: AbortSignal): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  const identity = `${path} ${size} ${mtimeMs} ${ino}`;
  const stamp = join(cache, "model-hashes", `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.json`);
  const known = await readStamp(stamp);
  if (known?.identity === identity) return known.sha256;
  const hash = createHash("sha256");
  await feedHash(hash, path, { what: "hashing the model", bytes: size, signal });
  const sha256 = hash.digest("hex");
  makeFolder(dirname(stamp));
  await writeFile(stamp, `${JSON.stringify({ identity, sha256 })}\n`);
  return sha256;
}

/**
 * What tells the model of a server that we did not start: its file's hash where the file is here, else all that the
 * server says of it, the path of its file above all: an alias can be given to any model.
 */
export async function serverModelHash(
  server: { readonly modelPath: string | undefined; readonly isLocal: boolean; readonly description: unknown },
  cache: string,
  signal?: AbortSignal,
): Promise<string> {
  const { modelPath, isLocal, description } = server;
  // a path of another machine may lead to another file here
  if (modelPath !== undefined && isLocal && existsSync(modelPath)) return await fileHash(modelPath, cache, signal);
  return `described-${createHash("sha256")
    .update(JSON.stringify(modelPath === undefined ? description : [modelPath, description]))
    .digest("hex")}`;
}

async function readStamp(path: string): Promise<z.infer<typeof stampSchema> | undefined> {
  try {
    return stampSchema.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
