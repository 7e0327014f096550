import { z } from "zod";
import { findServer } from "../../../setup/find-server.ts";
import { cacheFolder, type Environment } from "../../../setup/folders.ts";
import type { Sampling } from "../../../setup/model/catalogue.ts";
import { thisMachine } from "../../../setup/platform.ts";
import { GptOssError } from "../../errors.ts";
import { chooseModel } from "../../server/choose-model.ts";
import { openServer } from "../../server/open-server.ts";
import { notUnderstood } from "./ask-cell.ts";
import { fileHash, pinnedHash, serverModelHash } from "./model-hash.ts";
import { ServerClient } from "./server-client.ts";

/** Slots of a server that is started for an experiment; more share the memory's bandwidth without being faster. */
const DEFAULT_SLOTS = 4;
/** OpenAI's recommendation, for a model that is not in the catalogue. */
const RECOMMENDED: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0 };

export interface TargetOptions {
  /** A catalogue name or a .gguf file; the best one installed when undefined. */
  readonly model: string | undefined;
  /** A server that is there already, with or without /v1. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** One slot in exact mode. */
  readonly slots?: number | undefined;
  /** Tokens of one cell's context. */
  readonly context?: number | undefined;
  readonly llamaServer?: string | undefined;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** A llama-server with one model, and all that makes two answers comparable. */
export interface Target extends AsyncDisposable {
  readonly client: ServerClient;
  readonly modelName: string;
  /** SHA-256 of the model's file. */
  readonly modelHash: string;
  /** llama.cpp's own words: `b6097-abc1234`. */
  readonly build: string;
  readonly slots: number;
  /** Tokens of one slot. */
  readonly contextSize: number;
  readonly sampling: Sampling;
}

const propsSchema = z.object({
  total_slots: z.int().min(1),
  build_info: z.string(),
  model_path: z.string().optional(),
  model_alias: z.string().nullish(),
  default_generation_settings: z.object({ n_ctx: z.number() }),
});

/**
 * Opens the server at `baseUrl`, or starts one with as many slots as asked for, which ends with the target.
 * @throws GptOssError `server-missing`, `server-unreachable`, `model-missing` or `server-failed`
 */
export async function openTarget(options: TargetOptions): Promise<Target> {
  const { environment } = options;
  const cache = cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
  return options.baseUrl === undefined
    ? await startTarget(options, cache)
    : await attachTarget(options, options.baseUrl, cache);
}

async function startTarget(options: TargetOptions, cache: string): Promise<Target> {
  const { environment, signal, model, slots = DEFAULT_SLOTS, context } = options;
  const found = await findServer({
    machine: thisMachine(environment),
    cache,
    named: options.llamaServer,
    usePath: true,
    signal,
  });
  if (found === undefined) {
    throw new GptOssError("server-missing", "There is no llama-server here yet.", {
      hint: "Build one with: npx gpt-oss setup --model demo",
    });
  }
  const local = await chooseModel({ wanted: model, cache, environment });
  const server = await openServer({ program: found.path, model: local, cache, environment, signal, slots, contextSize: context });
  const client = new ServerClient({ url: server.url, apiKey: server.apiKey });
  try {
    return {
      ...(await factsOf(client, signal)),
      modelName: local.name,
      modelHash: local.entry ? pinnedHash(local.entry) : await fileHash(local.path, cache, signal),
      sampling: local.entry?.sampling ?? RECOMMENDED,
      [Symbol.asyncDispose]: async () => {
        await client[Symbol.asyncDispose]();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function attachTarget(options: TargetOptions, baseUrl: string, cache: string): Promise<Target> {
  const { apiKey, signal, model } = options;
  const client = new ServerClient({ url: baseUrl.replace(/\/+$/, "").replace(/\/v1$/, ""), apiKey });
  const { props, ...facts } = await factsOf(client, signal);
  const { model_path: modelPath, model_alias: alias } = props;
  return {
    ...facts,
    slots: Math.min(facts.slots, options.slots ?? facts.slots),
    modelName: model ?? alias ?? "unnamed",
    modelHash: await serverModelHash(
      { modelPath, description: await client.get("/v1/models", signal).then(withoutClock) },
      cache,
      signal,
    ),
    sampling: alias === "demo" ? { ...RECOMMENDED, temperature: 0 } : RECOMMENDED,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string(), meta: z.json().optional() })) });

/** /v1/models tells the time too. */
function withoutClock(models: unknown): unknown {
  return modelsSchema.safeParse(models).data;
}

async function factsOf(client: ServerClient, signal: AbortSignal | undefined) {
  const props = propsSchema.safeParse(await client.get("/props", signal));
  if (!props.success) throw notUnderstood(client.url, props.error);
  return {
    client,
    props: props.data,
    build: props.data.build_info,
    slots: props.data.total_slots,
    contextSize: props.data.default_generation_settings.n_ctx,
  };
}
