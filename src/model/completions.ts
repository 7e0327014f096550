import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { ModelAbortError } from "@langchain/core/errors";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { type BaseChatOpenAIFields, ChatOpenAICompletions } from "@langchain/openai";
import { errorDetail } from "../i18n/error-messages.ts";
import type { AnswerEnd, AnswerPart, PromptProgress } from "../inference/answer-part.ts";
import { samplingFields } from "../inference/build-request.ts";
import type { KnownServer } from "../inference/capabilities.ts";
import { InferenceClient } from "../inference/client.ts";
import { type ModelNotice, noticeOf } from "./notice.ts";
import { type ChatGptOssCallOptions, ignoredIn, isFunctionTool, type OfferableTool } from "./call-options.ts";
import { chunksOf, eventsOf, messageOf } from "./chunks.ts";
import { toLangChainError, withPartialOutput } from "./model-errors.ts";
import { nativeField } from "./native-definition.ts";
import { type RequestDefaults, requestSettings, toInferenceRequest } from "./to-inference-request.ts";

export interface CompletionsSettings extends RequestDefaults {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly knownServer: KnownServer;
  readonly stopRepetition: boolean;
  readonly onProgress?: ((progress: PromptProgress) => void) | undefined;
  readonly onNotice?: ((notice: ModelNotice) => void) | undefined;
  /** Awaited before each request: a server that is being started again is not asked. */
  readonly beforeRequest?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** On top of our own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * The one place between LangChain and `inference/`. It is ChatOpenAI's model class for Chat Completions, of which only the parameters are
 * used. Every surface (`invoke`, `stream`, both event streams) takes the same parts of an answer.
 */
export class GptOssCompletions extends ChatOpenAICompletions<ChatGptOssCallOptions> {
  readonly #settings: CompletionsSettings;
  readonly #inference: InferenceClient;
  /** Options that were reported to have no effect. */
  readonly #ignored = new Set<string>();

  constructor(fields: BaseChatOpenAIFields, settings: CompletionsSettings) {
    super(fields);
    const { baseUrl, apiKey, knownServer, beforeRequest, fetch } = settings;
    this.#settings = settings;
    this.#inference = new InferenceClient({
      baseUrl,
      apiKey,
      knownServer,
      fetch,
      ready: beforeRequest,
      timeout: this.timeout,
      // LangChain's own retries read the class of the error
      retry: async (send) =>
        await this.caller.call(async () => {
          try {
            return await send();
          } catch (thrown) {
            throw toLangChainError(thrown);
          }
        }),
    });
  }

  /** ChatOpenAI's parameters without what it derives from the name of the model, and without tools that only OpenAI runs. */
  override invocationParams(options?: this["ParsedCallOptions"], extra?: { streaming?: boolean }) {
    const tools = options?.tools?.filter(isFunctionTool);
    const params = super.invocationParams(options && { ...options, ...(tools && { tools }) }, extra);
    const own = { ...params, max_tokens: this.maxTokens === -1 ? undefined : this.maxTokens };
    delete own.max_completion_tokens;
    delete own.reasoning_effort;
    // traces and cache keys are made of these, so they hold what is sent
    return {
      ...own,
      ...samplingFields(requestSettings(options ?? {}, this.#settings), this.#settings.knownServer.capabilities),
    };
  }

  /** Keeps what says of a tool that it is one of gpt-oss's own. */
  protected override _convertChatOpenAIToolToCompletionsTool(tool: OfferableTool, fields?: { strict?: boolean }) {
    return { ...super._convertChatOpenAIToolToCompletionsTool(tool, fields), ...nativeField(tool) };
  }

  /** Streams underneath, so that an abort reaches the server at once and the wait for a long prompt has no limit. */
  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    try {
      for await (const chunk of this.#chunks(messages, options, false, runManager)) {
        whole = whole === undefined ? chunk : whole.concat(chunk);
      }
    } catch (thrown) {
      throw withPartialOutput(thrown, partialOf(whole));
    }
    if (options.signal?.aborted) throw new ModelAbortError("The answer was interrupted.", partialOf(whole));
    if (whole === undefined) return { generations: [] };
    const message = messageOf(whole);
    const usage = message.usage_metadata;
    return {
      generations: [{ text: whole.text, message, generationInfo: { ...whole.generationInfo } }],
      ...(usage && {
        llmOutput: {
          tokenUsage: {
            promptTokens: usage.input_tokens,
            completionTokens: usage.output_tokens,
            totalTokens: usage.total_tokens,
          },
        },
      }),
    };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const asBlocks = (options.outputVersion ?? this.outputVersion) === "v1";
    yield* this.#chunks(messages, options, asBlocks, runManager);
  }

  override async *_streamChatModelEvents(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): AsyncGenerator<ChatModelStreamEvent> {
    yield* eventsOf(this.#answer(messages, options), options.harmony);
  }

  async *#chunks(
    messages: readonly BaseMessage[],
    call: this["ParsedCallOptions"],
    asBlocks: boolean,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for await (const chunk of chunksOf(this.#answer(messages, call), { asBlocks, harmony: call.harmony })) {
      yield chunk;
      const position = { prompt: call.promptIndex ?? 0, completion: 0 };
      await runManager?.handleLLMNewToken(chunk.text, position, undefined, undefined, undefined, { chunk });
    }
  }

  /** Asks, and reports what happens beside the answer. An abort ends the parts without an `end`. */
  async *#answer(messages: readonly BaseMessage[], call: this["ParsedCallOptions"]): AsyncGenerator<AnswerPart> {
    this.#reportIgnored(call);
    const { onNotice, stopRepetition, knownServer } = this.#settings;
    const onProgress = call.onProgress ?? this.#settings.onProgress;
    const params = { ...this.invocationParams(call, { streaming: true }) };
    const { capabilities } = knownServer;
    const request = toInferenceRequest({ params, messages, call, defaults: this.#settings, capabilities });
    const given = new Headers(call.options?.headers as ConstructorParameters<typeof Headers>[0]);
    const headers = { ...this.#settings.headers, ...Object.fromEntries(given) };
    try {
      const parts = this.#inference.stream(request, {
        signal: call.signal,
        headers,
        retryEmptyAnswer: true,
        stopRepetition,
      });
      for await (const part of parts) {
        if (part.type === "progress") {
          const { type: _, ...progress } = part;
          onProgress?.(progress);
        } else if (part.type === "retry") onNotice?.(noticeOf("asked-again", errorDetail("askedAgain")));
        else {
          const notice = part.type === "end" ? noticeOfEnd(part) : undefined;
          if (notice) onNotice?.(notice);
          yield part;
        }
      }
    } catch (thrown) {
      throw toLangChainError(thrown);
    }
  }

  /** Reports once of each option and each tool that only OpenAI's own servers have that it has no effect. */
  #reportIgnored(call: ChatGptOssCallOptions): void {
    const { onNotice } = this.#settings;
    for (const name of ignoredIn(call)) {
      if (this.#ignored.has(name)) continue;
      this.#ignored.add(name);
      onNotice?.(noticeOf("ignored-option", errorDetail("optionIgnored", name)));
    }
  }
}

/** What the user should learn at an answer's end. */
function noticeOfEnd({ truncated, emptyAnswer }: AnswerEnd): ModelNotice | undefined {
  switch (truncated) {
    case "max-tokens":
      return noticeOf("max-tokens", errorDetail("cutByMaxTokens"));
    case "context-full":
      return noticeOf("context-full", errorDetail("cutByContext"));
    case "repetition":
      return noticeOf("repetition", errorDetail("stoppedRepetition"));
    case undefined:
  }
  if (emptyAnswer === "analysis-only") return noticeOf("empty-answer", errorDetail("thoughtTwice"));
  return emptyAnswer === "nothing" ? noticeOf("empty-answer", errorDetail("askedTwice")) : undefined;
}

function partialOf(chunk: ChatGenerationChunk | undefined): AIMessageChunk | undefined {
  return AIMessageChunk.isInstance(chunk?.message) ? chunk.message : undefined;
}
