import { type ChatOpenAIFields } from "@langchain/openai";
import { nearestEffort } from "../config/effort.ts";
import { createError } from "../i18n/error-messages.ts";
import type { PromptProgress } from "../inference/answer-part.ts";
import type { ServerCapabilities } from "../inference/capabilities.ts";
import type { ModelNotice } from "./notice.ts";
import type { RequestDefaults } from "./to-inference-request.ts";

/** The fields of ChatOpenAI that apply here, with ChatOpenAI's meaning. */
const SHARED_FIELDS = [
  "cache",
  "callbacks",
  "disableStreaming",
  "frequencyPenalty",
  "logitBias",
  "logprobs",
  "maxConcurrency",
  "metadata",
  "onFailedAttempt",
  "outputVersion",
  "presencePenalty",
  "stop",
  "streaming",
  "supportsStrictToolCalling",
  "tags",
  "temperature",
  "topLogprobs",
  "topP",
  "user",
  "verbose",
] as const;
type SharedFields = Partial<Pick<ChatOpenAIFields, (typeof SHARED_FIELDS)[number]>>;

/** ChatOpenAI's other spellings of fields that have a name here. */
interface OtherNames extends Partial<
  Pick<ChatOpenAIFields, "maxCompletionTokens" | "modelKwargs" | "reasoning" | "stopSequences">
> {
  readonly openAIApiKey?: string | undefined;
  /** No effect: usage is always requested. */
  readonly streamUsage?: boolean | undefined;
  /** No effect: requests always use Chat Completions. */
  readonly useResponsesApi?: boolean | undefined;
  readonly modelName?: string | undefined;
  /** Of the client's options these apply; `baseURL` counts where `baseUrl` is missing. */
  readonly configuration?:
    | {
        readonly baseURL?: string | null | undefined;
        readonly apiKey?: string | undefined;
        /** Sends the requests. */
        readonly fetch?: typeof fetch | undefined;
        readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
}

/** Where the server is, and what each request says. */
export interface ChatGptOssFields extends RequestDefaults, SharedFields, OtherNames {
  /** With its path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** The name that is sent to the server. Default: `gpt-oss-20b`. */
  readonly model?: string | undefined;
  /** How often a request is repeated that the server refused or did not answer. Default: 0, since a local server that is gone stays gone. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds without any data after which a request fails. Default: no limit, since a long prompt takes minutes on a slow machine. */
  readonly timeout?: number | undefined;
  /** Capabilities of the server. By default they are unknown, and are learned from its answers. */
  readonly server?: ServerCapabilities | undefined;
  /** Ends an answer that repeats the same words without end. Default: true. */
  readonly stopRepetition?: boolean | undefined;
  /** Traces requests to LangSmith if tracing is on. Default: only with GPT_OSS_TRACING=1. */
  readonly tracing?: boolean | undefined;
  /** Reports how many prompt tokens the server has processed. */
  readonly onProgress?: ((progress: PromptProgress) => void) | undefined;
  /** Reports what happened without a request for it: an answer was cut off, or the model was asked again. */
  readonly onNotice?: ((notice: ModelNotice) => void) | undefined;
  /** Awaited before each request, for example until a server has been restarted. */
  readonly beforeRequest?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  /** Resolves if the server ends on its own; by default never. */
  readonly ended?: Promise<void> | undefined;
  /** Called by `close()`. Default: nothing, because the program that started the server stops it. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Our own fields, and ChatOpenAI's beside the shared ones. */
const OTHER_FIELDS: { readonly [Name in Exclude<keyof ChatGptOssFields, keyof SharedFields> | "knownServer"]: true } = {
  apiKey: true,
  baseUrl: true,
  beforeRequest: true,
  close: true,
  configuration: true,
  currentDate: true,
  effort: true,
  ended: true,
  knownServer: true,
  maxCompletionTokens: true,
  maxRetries: true,
  maxTokens: true,
  model: true,
  modelKwargs: true,
  modelName: true,
  onNotice: true,
  onProgress: true,
  openAIApiKey: true,
  reasoning: true,
  sampling: true,
  server: true,
  stopRepetition: true,
  stopSequences: true,
  streamUsage: true,
  timeout: true,
  toolGrammar: true,
  tracing: true,
  useResponsesApi: true,
};
const CONFIGURATION_FIELDS = new Set(["apiKey", "baseURL", "defaultHeaders", "fetch"]);
const DEFAULT_MODEL = "gpt-oss-20b";

/** The fields with ChatOpenAI's other spellings resolved. */
export interface ResolvedFields extends Omit<ChatGptOssFields, keyof OtherNames> {
  readonly baseUrl: string;
  readonly model: string;
  readonly modelKwargs?: ChatOpenAIFields["modelKwargs"];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Resolves the fields of a constructor.
 * @throws GptOssError `usage` for a field that has no effect on a local server, and where no address is given
 */
export function resolveFields(given: ChatGptOssFields): ResolvedFields {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (SHARED_FIELDS as readonly string[]).includes(name) || name in OTHER_FIELDS) continue;
    throw createError("fieldNotSupported", [name]);
  }
  for (const name of Object.keys(given.configuration ?? {})) {
    if (!CONFIGURATION_FIELDS.has(name)) throw createError("fieldNotSupported", [`configuration.${name}`]);
  }
  const {
    configuration = {},
    modelName,
    maxCompletionTokens,
    openAIApiKey,
    reasoning,
    stopSequences,
    ...others
  } = given;
  const { streamUsage: _usage, useResponsesApi: _api, ...fields } = others;
  const baseUrl = given.baseUrl ?? configuration.baseURL;
  if (baseUrl === undefined || baseUrl === null || baseUrl === "") throw createError("addressMissing", []);
  const stop = given.stop ?? stopSequences;
  return {
    ...fields,
    ...(stop && { stop }),
    baseUrl,
    apiKey: given.apiKey ?? openAIApiKey ?? configuration.apiKey,
    model: given.model ?? modelName ?? DEFAULT_MODEL,
    maxTokens: given.maxTokens ?? maxCompletionTokens,
    effort: given.effort ?? nearestEffort(reasoning?.effort),
    sampling: samplingOf(given),
    headers: configuration.defaultHeaders,
    fetch: configuration.fetch,
  };
}

/** Temperature and top-p have a name of ChatOpenAI's too, which counts where both are given. */
function samplingOf({ sampling, temperature, topP }: ChatGptOssFields): RequestDefaults["sampling"] {
  if (sampling === undefined) return undefined;
  return { ...sampling, temperature: temperature ?? sampling.temperature, topP: topP ?? sampling.topP };
}

/** The fields that ChatOpenAI itself gets. */
export function openAIFields(fields: ResolvedFields): ChatOpenAIFields {
  const { baseUrl, apiKey, model, maxTokens, sampling, maxRetries, timeout } = fields;
  return {
    ...sharedFields(fields),
    model,
    ...(fields.modelKwargs && { modelKwargs: fields.modelKwargs }),
    // the SDK insists on a key; a local server without one ignores it
    apiKey: apiKey ?? "none",
    // LangChain's six retries would take over a minute to say that a local server is gone
    maxRetries: maxRetries ?? 0,
    ...(timeout !== undefined && { timeout }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(sampling && { temperature: sampling.temperature, topP: sampling.topP }),
    // ChatOpenAI would look for another address in the environment; organization and project are never sent
    configuration: { baseURL: baseUrl, organization: null, project: null, logLevel: "off" },
  };
}

function sharedFields(fields: ChatGptOssFields): SharedFields {
  return Object.fromEntries(
    SHARED_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  ) as SharedFields;
}
