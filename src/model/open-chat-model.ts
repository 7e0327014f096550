import { cacheFolder } from "../../setup/folders.ts";
import { findServer } from "../../setup/find-server.ts";
import { thisMachine } from "../../setup/platform.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/config.ts";
import { GptOssError } from "../errors.ts";
import { chooseModel } from "../server/choose-model.ts";
import { openServer } from "../server/open-server.ts";
import { ChatGptOss } from "./chat-gpt-oss.ts";

export interface OpenChatModelOptions extends Config {
  readonly signal?: AbortSignal | undefined;
  /** How far the model is loaded, 0 to 1. */
  readonly onLoading?: (fraction: number) => void;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly now?: Date;
}

/** A chat model together with the server behind it. */
export interface OpenChatModel extends AsyncDisposable {
  readonly model: ChatGptOss;
  /** Name of the model that answers. */
  readonly name: string;
  /** With its path, `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** The server's key, where it has one. */
  readonly apiKey: string | undefined;
  /** Tokens; undefined for a server that is someone else's. */
  readonly contextSize: number | undefined;
  /** Resolves if the server that we started ends; never for someone else's. */
  readonly ended: Promise<void>;
  /** Stops the server if we started it. */
  close(): Promise<void>;
}

/** For a server that is someone else's. */
async function leaveRunning(): Promise<void> {
  // whoever started it stops it
}

/** The name sent to a server of the user's that is asked for none in particular. */
const DEFAULT_REMOTE_MODEL = "gpt-oss-20b";

/**
 * Opens a chat model: on the server at `baseUrl` (or OPENAI_BASE_URL) if there is one, else on a llama-server that is
 * started for it and stopped by `close()`.
 * @throws GptOssError `server-missing`, `model-missing` or `server-failed`
 */
export async function openChatModel(options: OpenChatModelOptions = {}): Promise<OpenChatModel> {
  const environment = options.environment ?? process.env;
  const config = { ...readConfig({ flags: {}, environment, folder: process.cwd() }), ...withoutUndefined(options) };
  return config.baseUrl === undefined ? await startLocal(config, environment) : attach(config, config.baseUrl);
}

function attach(config: OpenChatModelOptions, baseUrl: string): OpenChatModel {
  const name = config.model ?? DEFAULT_REMOTE_MODEL;
  const { apiKey, effort, maxTokens } = config;
  return {
    model: new ChatGptOss({ baseUrl, apiKey, model: name, effort, maxTokens }),
    name,
    baseUrl,
    apiKey,
    contextSize: undefined,
    ended: new Promise(() => undefined),
    close: leaveRunning,
    [Symbol.asyncDispose]: leaveRunning,
  };
}

async function startLocal(
  config: OpenChatModelOptions,
  environment: NonNullable<OpenChatModelOptions["environment"]>,
): Promise<OpenChatModel> {
  const { signal, onLoading, effort } = config;
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const found = await findServer({ machine, cache, named: config.llamaServer, usePath: true, signal });
  if (found === undefined) {
    throw new GptOssError("server-missing", "There is no llama-server here yet.", {
      hint: "Build one with: npx gpt-oss setup --model demo",
    });
  }
  const local = await chooseModel({ wanted: config.model, cache, environment });
  const server = await openServer({
    program: found.path,
    model: local,
    cache,
    environment,
    signal,
    contextSize: config.context,
    port: config.port,
    ...(onLoading && { onLoading }),
  });
  const baseUrl = `${server.url}/v1`;
  return {
    model: new ChatGptOss({
      baseUrl,
      apiKey: server.apiKey,
      model: local.name,
      effort,
      // half of the context for the answer leaves half for what was said before
      maxTokens: config.maxTokens ?? Math.floor(server.contextSize / 2),
      sampling: local.entry?.sampling ?? { temperature: 1, topP: 1, topK: 0, minP: 0 },
      currentDate: localDate(config.now ?? new Date()),
    }),
    name: local.name,
    baseUrl,
    apiKey: server.apiKey,
    contextSize: server.contextSize,
    ended: server.ended,
    close: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** `YYYY-MM-DD` where the user is. */
export function localDate(now: Date): string {
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${now.getFullYear()}-${month}-${day}`;
}

function withoutUndefined(options: OpenChatModelOptions): OpenChatModelOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
