import { findServer } from "../llama-server/find-server.ts";
import { cacheFolder } from "../platform/folders.ts";
import { findModel, SAMPLING, type Sampling } from "../llama-server/model-catalogue.ts";
import { thisMachine } from "../platform/platform.ts";
import { type Config, readConfig, foreignServer } from "../config/config.ts";
import { isTracingSwitchedOn } from "../config/tracing.ts";
import { createError } from "../i18n/error-messages.ts";
import { chooseModel } from "../llama-server/installed-models.ts";
import { noticeOf } from "./notice.ts";
import { describeNotice } from "../llama-server/lease.ts";
import { openServer } from "../llama-server/open-server.ts";
import { localDate } from "../terminal/format.ts";
import { ChatGptOss } from "./chat-gpt-oss.ts";
import type { ChatGptOssFields } from "./chat-gpt-oss-fields.ts";
import { detectCapabilities } from "../inference/capabilities.ts";

/** Which model, on which server, and how; what is left out comes from the environment and the defaults. */
export interface CreateChatModelOptions
  extends Config, Pick<ChatGptOssFields, "stopRepetition" | "onProgress" | "onNotice"> {
  /** Default: the model's own, for gpt-oss OpenAI's recommendation. */
  readonly sampling?: Partial<Sampling> | undefined;
  /** Conversations at once of a server that is started, each with the whole context; 1 by default. Chains that work side by side want some. */
  readonly slots?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How far the model is loaded, 0 to 1. */
  readonly onLoading?: (fraction: number) => void;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The prompt contains its date. */
  readonly now?: Date;
}

/** The name sent to a server of the user's that is asked for none in particular. */
const DEFAULT_REMOTE_MODEL = "gpt-oss-20b";
/** Most tokens of an answer where the size of the context is not known. */
const DEFAULT_MAX_TOKENS = 4_096;

/**
 * A chat model with a server behind it: the one at `baseUrl` (or OPENAI_BASE_URL) if there is one, else a llama-server that is started
 * for it. `close()`, or `await using`, stops what was started.
 * @throws GptOssError `server-missing`, `model-missing` or `server-failed`
 */
export async function createChatModel(options: CreateChatModelOptions = {}): Promise<ChatGptOss> {
  const environment = options.environment ?? process.env;
  const config = { ...readConfig({ flags: {}, environment, folder: process.cwd() }), ...withoutUndefined(options) };
  const tracing = config.tracing === true;
  if (!tracing && isTracingSwitchedOn()) {
    const message = "LangSmith gets nothing of what is asked here unless you set GPT_OSS_TRACING=1.";
    config.onNotice?.({ kind: "tracing-off", message });
  }
  const foreign =
    options.baseUrl === undefined ? foreignServer({ flags: {}, environment, folder: process.cwd() }) : undefined;
  if (foreign) {
    const message = `What is said goes to ${foreign.url}, as ${foreign.file} has it.`;
    config.onNotice?.({ kind: "foreign-server", message });
  }
  return config.baseUrl === undefined ? await startLocal(config, environment) : await attach(config, config.baseUrl);
}

async function attach(config: CreateChatModelOptions, baseUrl: string): Promise<ChatGptOss> {
  const { apiKey, model = DEFAULT_REMOTE_MODEL, signal } = config;
  const server = await detectCapabilities({ baseUrl, apiKey, signal });
  return new ChatGptOss({
    ...settingsOf(config, server.contextSize, findModel(server.alias ?? model)?.sampling ?? SAMPLING),
    baseUrl,
    apiKey,
    model,
    server,
    ...(server.hasOwnTemplate && { currentDate: localDate(config.now ?? new Date()) }),
  });
}

async function startLocal(
  config: CreateChatModelOptions,
  environment: NonNullable<CreateChatModelOptions["environment"]>,
): Promise<ChatGptOss> {
  const { signal, onLoading, onNotice } = config;
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const found = await findServer({
    machine,
    cache,
    named: config.llamaServer,
    rpc: config.rpc !== undefined,
    usePath: true,
    signal,
  });
  if (found === undefined) {
    throw createError("noServer", []);
  }
  const local = await chooseModel({ wanted: config.model, cache, environment });
  const server = await openServer({
    program: found.path,
    model: local,
    cache,
    environment,
    signal,
    contextSize: config.context,
    slots: config.slots,
    port: config.port,
    rpc: config.rpc,
    idleSeconds: config.idleSeconds,
    onLoading,
    onNotice: (notice) => {
      const said = describeNotice(notice);
      if (said !== undefined) onNotice?.(noticeOf("server", said));
    },
  });
  const { url, apiKey, contextSize, ended } = server;
  return new ChatGptOss({
    ...settingsOf(config, contextSize, local.entry?.sampling ?? SAMPLING),
    baseUrl: `${url}/v1`,
    apiKey,
    model: local.name,
    server: { mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize },
    currentDate: localDate(config.now ?? new Date()),
    beforeRequest: (waiting) => server.ready(waiting),
    ended,
    close: () => server.stop(),
  });
}

function settingsOf(config: CreateChatModelOptions, contextSize: number | undefined, sampling: Sampling) {
  const { effort, onNotice, onProgress, stopRepetition, toolGrammar, tracing } = config;
  // half of the context for the answer leaves half for what was said before
  const maxTokens = config.maxTokens ?? (contextSize === undefined ? DEFAULT_MAX_TOKENS : Math.floor(contextSize / 2));
  return {
    effort,
    onNotice,
    onProgress,
    stopRepetition,
    toolGrammar,
    tracing,
    maxTokens,
    sampling: { ...sampling, ...config.sampling },
  };
}

function withoutUndefined(options: CreateChatModelOptions): CreateChatModelOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
