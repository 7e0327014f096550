import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { StructuredOutputMethodOptions, BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { ModelProfile } from "@langchain/core/language_models/profile";
import type { AIMessageChunk, BaseMessageLike, MessageContent } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import { ChatOpenAI, type ChatOpenAIFields } from "@langchain/openai";
import { isTracingWanted } from "../config/tracing.ts";
import { KnownServer, type ServerCapabilities, UNKNOWN_SERVER } from "../inference/capabilities.ts";
import type { PromptProgress } from "../inference/answer-part.ts";
import type { ModelNotice } from "../inference/notice.ts";
import { approximateTokens, countTokens } from "../inference/token-count.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import { GptOssCompletions } from "./completions.ts";
import { serverEmbeddings } from "./embeddings.ts";
import { registerContentBlocks } from "./read-message.ts";
import { endedByLeaving } from "./streaming-runnable.ts";
import type { RequestDefaults } from "./to-inference-request.ts";
import { type OutputSchema, StructuredOutput } from "./structured-output.ts";
import { callbacksWithoutTracing } from "./tracing.ts";

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
  "tags",
  "temperature",
  "topLogprobs",
  "topP",
  "verbose",
] as const;
type SharedFields = Partial<Pick<ChatOpenAIFields, (typeof SHARED_FIELDS)[number]>>;

/** Where the server is, and what each request says. */
export interface ChatGptOssFields extends RequestDefaults, SharedFields {
  /** With its path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** The name sent to the server. */
  readonly model: string;
  /** How often a request is repeated that the server refused or did not answer. Default: 0, since a local server that is gone stays gone. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds without any data after which a request fails. Default: no limit, since a long prompt takes minutes on a slow machine. */
  readonly timeout?: number | undefined;
  /** What is known of the server; by default nothing is, and what arrives is looked at. */
  readonly server?: ServerCapabilities | undefined;
  /** Ends an answer that repeats the same words without end. Default: true. */
  readonly stopRepetition?: boolean | undefined;
  /** Lets LangSmith hear of requests, where it is switched on. Default: only with GPT_OSS_TRACING=1. */
  readonly tracing?: boolean | undefined;
  /** Told how far the server has read the prompt. */
  readonly onProgress?: ((progress: PromptProgress) => void) | undefined;
  /** Hears what is done without being asked for: an answer cut off, a model asked once more. */
  readonly onNotice?: ((notice: ModelNotice) => void) | undefined;
  /** Waited for before each request; a server that is being started again can be waited for here. */
  readonly beforeRequest?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  /** Resolves if the server ends on its own; by default never. */
  readonly ended?: Promise<void> | undefined;
  /** What `close()` does; by default nothing, since whoever started a server stops it. */
  readonly close?: (() => Promise<void>) | undefined;
}

/**
 * LangChain's ChatOpenAI for a server that runs gpt-oss, with what ChatOpenAI loses on the way: the thinking, preambles, calls in raw
 * harmony, timings; and with schemas and tool choices that the model can't but keep to.
 */
export class ChatGptOss extends ChatOpenAI<ChatGptOssCallOptions> implements AsyncDisposable {
  /** It belongs to a running server, so it can't be written down and revived. */
  override lc_serializable = false;
  /** With its path. */
  readonly baseUrl: string;
  /** Resolves if a server that we started ends; never for someone else's. */
  readonly ended: Promise<void>;
  readonly #own: ChatGptOssFields & { readonly knownServer: KnownServer };

  constructor(given: ChatGptOssFields & { readonly knownServer?: KnownServer }) {
    const sampling = samplingOf(given);
    const own = {
      ...given,
      ...(sampling && { sampling }),
      knownServer: given.knownServer ?? new KnownServer(given.server ?? UNKNOWN_SERVER),
    };
    const fields = openAIFields(own);
    // ChatOpenAI copies itself for every binding; this field, in which everything happens, goes along
    super({
      ...fields,
      completions: new GptOssCompletions(fields, { ...own, stopRepetition: own.stopRepetition ?? true }),
    });
    this.baseUrl = own.baseUrl;
    this.ended = own.ended ?? new Promise(() => undefined);
    this.#own = own;
    registerContentBlocks();
  }

  /** @internal */
  static override lc_name(): string {
    return "ChatGptOss";
  }

  /** @internal */
  override _llmType(): string {
    return "gpt-oss";
  }

  /** Tokens of one conversation; undefined for a server that does not say. */
  get contextSize(): number | undefined {
    return this.#own.knownServer.capabilities.contextSize;
  }

  /** What LangChain's agents and middleware ask: that schemas are kept to, how long a conversation may be. */
  override get profile(): ModelProfile {
    const { contextSize } = this;
    return {
      ...(contextSize !== undefined && { maxInputTokens: contextSize }),
      ...(this.maxTokens !== undefined && { maxOutputTokens: this.maxTokens }),
      toolCalling: true,
      toolChoice: true,
      structuredOutput: true,
      reasoningOutput: true,
      imageInputs: false,
      audioInputs: false,
    };
  }

  /** Whether an answer that was cut can be gone on with (`resumeFrom`): our own chat template has to be there. */
  get canContinue(): boolean {
    return this.#own.knownServer.capabilities.hasOwnTemplate;
  }

  /** Address and key of the server, for what else it can be asked. */
  get connection(): { readonly baseUrl: string; readonly apiKey: string | undefined } {
    const { baseUrl, apiKey } = this.#own;
    return { baseUrl, apiKey };
  }

  /** Resolves when the server can be asked: at once, unless it is being started again. */
  async ready(signal?: AbortSignal): Promise<void> {
    await this.#own.beforeRequest?.(signal);
  }

  /** What finds texts by their meaning, where the server offers that; undefined where it does not. */
  async embeddings(): Promise<EmbeddingsInterface | undefined> {
    return await serverEmbeddings({ ...this.connection, model: this.model });
  }

  /** Stops the server if it was started for this model. */
  async close(): Promise<void> {
    await this.#own.close?.();
  }

  /** For `await using`; the same as close. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Never: the other API passes all of this class by, whatever ChatOpenAI derives from options, tools and the name of the model. */
  protected override _useResponsesApi(): boolean {
    return false;
  }

  /** What every way of asking begins with: here the callbacks of a run are known, and LangSmith's tracer is kept out of it. */
  protected override _separateRunnableConfigFromCallOptionsCompat(
    options?: Partial<ChatGptOssCallOptions>,
  ): [RunnableConfig, this["ParsedCallOptions"]] {
    const [config, call] = super._separateRunnableConfigFromCallOptionsCompat(options);
    if (this.#own.tracing ?? isTracingWanted()) return [config, call];
    const callbacks = callbacksWithoutTracing(config.callbacks);
    return [{ ...config, ...(callbacks !== undefined && { callbacks }) }, call];
  }

  /** Callbacks that come as an argument of their own are not forgotten for those of the options. */
  override async generate(
    messages: BaseMessageLike[][],
    options?: string[] | Partial<ChatGptOssCallOptions>,
    callbacks?: Callbacks,
  ): Promise<LLMResult> {
    const given = Array.isArray(options) ? { stop: options } : (options ?? {});
    const heard = given.callbacks ?? callbacks;
    return await super.generate(messages, { ...given, ...(heard !== undefined && { callbacks: heard }) });
  }

  /** What tracers are told of the model. */
  override getLsParams(options: this["ParsedCallOptions"]) {
    return { ...super.getLsParams(options), ls_provider: "gpt-oss" };
  }

  /** A ChatGptOss again, where ChatOpenAI's own would give a ChatOpenAI. */
  override withConfig(config: Partial<ChatGptOssCallOptions>): ChatGptOss {
    const copy = new ChatGptOss(this.#own);
    copy.defaultOptions = { ...this.defaultOptions, ...config };
    return copy;
  }

  /** Ends the request at once when its reader leaves, not when the next piece comes. */
  override _streamIterator(
    input: BaseLanguageModelInput,
    options?: Partial<ChatGptOssCallOptions>,
  ): AsyncGenerator<AIMessageChunk> {
    return endedByLeaving(options?.signal, (signal) => super._streamIterator(input, { ...options, signal }));
  }

  /** By the server's own tokenizer, or estimated: LangChain's way waits minutes for a download. */
  override async getNumTokens(content: MessageContent): Promise<number> {
    const text =
      typeof content === "string"
        ? content
        : content.map((block) => (typeof block["text"] === "string" ? block["text"] : "")).join("");
    const { baseUrl, apiKey, knownServer } = this.#own;
    return knownServer.capabilities.isLlamaServer ? await countTokens(text, baseUrl, apiKey) : approximateTokens(text);
  }

  /** A value of this form, kept to it by a grammar, checked, and asked for again up to twice when it does not fit; streams partial objects. */
  override withStructuredOutput<Output = Record<string, unknown>>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions,
  ): Runnable<BaseLanguageModelInput, Output>;
  /** The same, with the message that it was read from. */
  override withStructuredOutput<Output = Record<string, unknown>>(
    schema: OutputSchema<Output>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: AIMessageChunk; parsed: Output }>;
  override withStructuredOutput<Output = Record<string, unknown>>(
    schema: OutputSchema<Output>,
    config: StructuredOutputMethodOptions<boolean> = {},
  ): Runnable {
    return StructuredOutput.of<Output>(this, schema, config);
  }
}

/** Temperature and top-p have a name of ChatOpenAI's too, which counts where both are given. */
function samplingOf({ sampling, temperature, topP }: ChatGptOssFields): RequestDefaults["sampling"] {
  if (sampling === undefined) return undefined;
  return { ...sampling, temperature: temperature ?? sampling.temperature, topP: topP ?? sampling.topP };
}

function openAIFields(fields: ChatGptOssFields): ChatOpenAIFields {
  const { baseUrl, apiKey, model, maxTokens, sampling, maxRetries, timeout } = fields;
  return {
    ...sharedFields(fields),
    model,
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
