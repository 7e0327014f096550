import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { StructuredOutputMethodOptions, BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { ModelProfile } from "@langchain/core/language_models/profile";
import type { AIMessageChunk, BaseMessageLike, MessageContent } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import { ChatOpenAI } from "@langchain/openai";
import { isTracingWanted } from "../config/tracing.ts";
import { KnownServer, UNKNOWN_SERVER } from "../inference/capabilities.ts";
import { approximateTokens, countTokens } from "../inference/token-count.ts";
import type { ChatGptOssCallOptions, OfferableTool } from "./call-options.ts";
import { type ChatGptOssFields, openAIFields, resolveFields, type ResolvedFields } from "./chat-gpt-oss-fields.ts";
import { GptOssCompletions } from "./completions.ts";
import { serverEmbeddings } from "./embeddings.ts";
import { nativeField } from "./native-definition.ts";
import { registerContentBlocks } from "./read-message.ts";
import { endedByLeaving } from "./streaming-runnable.ts";
import { type OutputSchema, StructuredOutput } from "./structured-output.ts";
import { callbacksWithoutTracing } from "./tracing.ts";

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
  readonly #own: ResolvedFields & { readonly knownServer: KnownServer };
  readonly #given: ChatGptOssFields & { readonly knownServer: KnownServer };

  constructor(given: ChatGptOssFields & { readonly knownServer?: KnownServer }) {
    const own = {
      ...resolveFields(given),
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
    this.#given = { ...given, knownServer: own.knownServer };
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

  /** What LangChain's agents and middleware read: whether schemas are enforced, and how long a conversation may be. */
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

  /** Whether an answer that was cut can be resumed (`resumeFrom`), which takes our own chat template. */
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

  /** Keeps what says of a tool that it is one of gpt-oss's own. */
  protected override _convertChatOpenAIToolToCompletionsTool(tool: OfferableTool, fields?: { strict?: boolean }) {
    return { ...super._convertChatOpenAIToolToCompletionsTool(tool, fields), ...nativeField(tool) };
  }

  /** Every way of asking begins here: the callbacks of a run are known, and LangSmith's tracer can be removed from it. */
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

  /** What tracers get about the model. */
  override getLsParams(options: this["ParsedCallOptions"]) {
    return { ...super.getLsParams(options), ls_provider: "gpt-oss" };
  }

  /** A ChatGptOss again, where ChatOpenAI's own would give a ChatOpenAI. */
  override withConfig(config: Partial<ChatGptOssCallOptions>): ChatGptOss {
    const copy = new ChatGptOss(this.#given);
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

  /** A value of this form, enforced by a grammar and checked. The model is asked again up to twice if the value does not fit. Streams partial objects. */
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
