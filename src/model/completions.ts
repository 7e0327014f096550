import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { ModelAbortError } from "@langchain/core/errors";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { type BaseChatOpenAIFields, ChatOpenAICompletions, type OpenAIClient } from "@langchain/openai";
import { GptOssError } from "../errors.ts";
import { failed, reason } from "../failures/failure.ts";
import { type AnswerPart, endOfAnswer, noticeOfEnd, type Question } from "./answer.ts";
import { Attempt } from "./attempt.ts";
import type { ChatGptOssCallOptions } from "./call-options.ts";
import { chunksOf, messageOf } from "./chunks.ts";
import { eventsOf } from "./events.ts";
import { withPartialOutput } from "./incomplete-answer.ts";
import { modelError } from "./model-error.ts";
import { type ModelNotice, noticeOf, type PromptProgress } from "./notice.ts";
import { buildRequest, type RequestDefaults, type WireRequest } from "./request.ts";
import { RequestSignal } from "./request-signal.ts";
import type { ServerKnowledge } from "./server-traits.ts";
import { type WireChunk, wireChunkSchema } from "./wire.ts";

type StreamingParams = OpenAIClient.Chat.ChatCompletionCreateParamsStreaming;

/** How often a model that gives neither answer nor call is asked. */
const MOST_ATTEMPTS = 2;
/** So long it takes at most until the end of a server is noticed. */
const NOTICED_MS = 300;

export interface CompletionsSettings extends RequestDefaults {
  /** With its path. */
  readonly baseUrl: string;
  readonly knowledge: ServerKnowledge;
  readonly stopRepetition: boolean;
  readonly onProgress?: ((progress: PromptProgress) => void) | undefined;
  readonly onNotice?: ((notice: ModelNotice) => void) | undefined;
  /** Waited for before each request: a server that is being started again is not asked. */
  readonly beforeRequest?: ((signal?: AbortSignal) => Promise<void>) | undefined;
}

/**
 * The one place between LangChain and the wire. ChatOpenAI's model class for Chat Completions, of which the client and the parameters
 * are used; the conversation is written and the answer is read here, and every surface (`invoke`, `stream`, both event streams) takes
 * the same parts.
 */
export class GptOssCompletions extends ChatOpenAICompletions<ChatGptOssCallOptions> {
  readonly #settings: CompletionsSettings;

  constructor(fields: BaseChatOpenAIFields, settings: CompletionsSettings) {
    super(fields);
    this.#settings = settings;
  }

  /** Streams underneath, so that an abort reaches the server at once and the wait for a long prompt has no limit. */
  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    try {
      for await (const chunk of this.#chunks({ messages, call: options }, false, runManager)) {
        whole = whole === undefined ? chunk : whole.concat(chunk);
      }
    } catch (thrown) {
      throw withPartialOutput(thrown, partialOf(whole));
    }
    if (options.signal?.aborted) throw new ModelAbortError("The answer was interrupted.", partialOf(whole));
    if (whole === undefined) return { generations: [] };
    const message = messageOf(whole);
    return { generations: [{ text: whole.text, message, generationInfo: { ...whole.generationInfo } }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const asBlocks = (options.outputVersion ?? this.outputVersion) === "v1";
    yield* this.#chunks({ messages, call: options }, asBlocks, runManager);
  }

  override async *_streamChatModelEvents(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): AsyncGenerator<ChatModelStreamEvent> {
    yield* eventsOf(this.#answer({ messages, call: options }));
  }

  async *#chunks(
    question: Question,
    asBlocks: boolean,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for await (const chunk of chunksOf(this.#answer(question), asBlocks)) {
      yield chunk;
      const position = { prompt: question.call.promptIndex ?? 0, completion: 0 };
      await runManager?.handleLLMNewToken(chunk.text, position, undefined, undefined, undefined, { chunk });
    }
  }

  /** Asks, and asks once more when nothing came of it. An abort ends the parts; whoever reads them looks at the signal. */
  async *#answer(question: Question): AsyncGenerator<AnswerPart> {
    const { onNotice, knowledge } = this.#settings;
    const { call } = question;
    const begun = performance.now();
    const origin = { id: "", model: this.model };
    const attempts: Attempt[] = [];
    let first: number | undefined;
    for (let isOver = false; !isOver;) {
      const request = this.#request(question);
      const attempt = new Attempt({ ...request, knowledge, stopRepetition: this.#settings.stopRepetition });
      attempts.push(attempt);
      for await (const part of this.#ask(request, attempt, call, origin)) {
        first ??= performance.now() - begun;
        yield part;
      }
      if (call.signal?.aborted) return;
      isOver = !attempt.isEmpty || attempts.length === MOST_ATTEMPTS;
      if (!isOver) onNotice?.(noticeOf("asked-again", reason("askedAgain")));
    }
    const milliseconds = { total: performance.now() - begun, first };
    const { model } = origin;
    const withHarmony = call.harmony === true;
    const end = endOfAnswer({ attempts, model, traits: knowledge.traits, withHarmony, milliseconds });
    const notice = noticeOfEnd(end.metadata);
    if (notice) onNotice?.(notice);
    yield { type: "end", id: origin.id, ...end };
  }

  #request({ messages, call }: Question): WireRequest {
    const params = { ...this.invocationParams(call, { streaming: true }) };
    return buildRequest({ params, messages, call, defaults: this.#settings, knowledge: this.#settings.knowledge });
  }

  /** One request and all that comes of it. */
  async *#ask(
    request: WireRequest,
    attempt: Attempt,
    call: ChatGptOssCallOptions,
    origin: { id: string; model: string },
  ): AsyncGenerator<AnswerPart> {
    const { baseUrl } = this.#settings;
    let failure: unknown;
    try {
      for await (const chunk of this.#open(request, call)) {
        if (origin.id === "") origin.id = this.#settings.knowledge.answerId(chunk.id ?? "");
        origin.model = chunk.model ?? origin.model;
        for (const piece of attempt.read(chunk)) yield { type: "piece", id: origin.id, piece };
        const logprobs = chunk.choices?.[0]?.logprobs;
        if (logprobs) yield { type: "logprobs", id: origin.id, logprobs };
        // leaving the loop ends the request
        if (attempt.isRepeating || call.signal?.aborted) break;
      }
    } catch (thrown) {
      failure = modelError(thrown, baseUrl);
    }
    // what was held back belongs to the answer however it ended
    for (const piece of attempt.end()) yield { type: "piece", id: origin.id, piece };
    if (call.signal?.aborted) return;
    if (failure !== undefined) throw failure;
    if (attempt.finishReason !== undefined || attempt.isRepeating) return;
    throw failed("brokenOff", [baseUrl]);
  }

  /** A server that has died this very moment refuses the connection before whoever watches it knows: it is asked once more. */
  async #connect(params: StreamingParams, options: OpenAIClient.RequestOptions): Promise<AsyncIterable<unknown>> {
    const { beforeRequest, baseUrl } = this.#settings;
    if (beforeRequest === undefined) return await this.completionWithRetry(params, options);
    await beforeRequest(options.signal ?? undefined);
    try {
      return await this.completionWithRetry(params, options);
    } catch (thrown) {
      const error = modelError(thrown, baseUrl);
      // a server that refuses our key is there
      const isGone = GptOssError.isInstance(error) && error.wording?.key === "unreachable";
      if (!isGone || options.signal?.aborted) throw thrown;
      await sleep(NOTICED_MS);
      await beforeRequest(options.signal ?? undefined);
      return await this.completionWithRetry(params, options);
    }
  }

  async *#open({ body }: WireRequest, call: ChatGptOssCallOptions): AsyncGenerator<WireChunk> {
    const { signal, options } = call;
    const onProgress = call.onProgress ?? this.#settings.onProgress;
    const params = body as unknown as StreamingParams; // with what llama-server has beyond OpenAI
    // the SDK listens to a signal for ever: it gets one that goes with the request
    using request = new RequestSignal(signal);
    for await (const data of await this.#connect(params, { ...options, signal: request.signal })) {
      const chunk = wireChunkSchema.parse(data);
      if (chunk.prompt_progress && onProgress) onProgress(progressOf(chunk.prompt_progress));
      yield chunk;
    }
  }
}

function progressOf({ total, cache, processed, time_ms }: NonNullable<WireChunk["prompt_progress"]>): PromptProgress {
  return { total, cached: cache, processed, milliseconds: time_ms };
}

function partialOf(chunk: ChatGenerationChunk | undefined): AIMessageChunk | undefined {
  return AIMessageChunk.isInstance(chunk?.message) ? chunk.message : undefined;
}
