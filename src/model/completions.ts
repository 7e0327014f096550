import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { ModelAbortError } from "@langchain/core/errors";
import type { ChatModelStreamEvent } from "@langchain/core/language_models/event";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { type BaseChatOpenAIFields, ChatOpenAICompletions } from "@langchain/openai";
import { GptOssError } from "../errors/errors.ts";
import { type ErrorKey, failed, reason } from "../i18n/error-messages.ts";
import { Attempt } from "../inference/attempt.ts";
import type { KnownServer } from "../inference/capabilities.ts";
import { type CompletionEvent, postCompletion, readCompletion } from "../inference/completion-stream.ts";
import { type ModelNotice, noticeOf, type PromptProgress } from "../inference/notice.ts";
import type { WireChunk } from "../inference/wire.ts";
import { type AnswerPart, endOfAnswer, noticeOfEnd, type Question } from "./answer.ts";
import { type ChatGptOssCallOptions, ignoredIn, isFunctionTool } from "./call-options.ts";
import { chunksOf, messageOf, eventsOf } from "./chunks.ts";
import { withPartialOutput, modelError } from "./model-errors.ts";
import { buildRequest, type RequestDefaults, samplingFields, type WireRequest } from "./request.ts";

/** How often a model that gives neither answer nor call is asked. */
const MOST_ATTEMPTS = 2;
/** So long it takes at most until the end of a server is noticed. */
const NOTICED_MS = 300;

export interface CompletionsSettings extends RequestDefaults {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly knownServer: KnownServer;
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
  /** Options that were said to have no effect. */
  readonly #ignored = new Set<string>();

  constructor(fields: BaseChatOpenAIFields, settings: CompletionsSettings) {
    super(fields);
    this.#settings = settings;
  }

  /** ChatOpenAI's parameters without what it derives from the name of the model, and without tools that only OpenAI runs. */
  override invocationParams(options?: this["ParsedCallOptions"], extra?: { streaming?: boolean }) {
    const tools = options?.tools?.filter(isFunctionTool);
    const params = super.invocationParams(options && { ...options, ...(tools && { tools }) }, extra);
    const own = { ...params, max_tokens: this.maxTokens === -1 ? undefined : this.maxTokens };
    delete own.max_completion_tokens;
    delete own.reasoning_effort;
    // traces and cache keys are made of these, so they hold what is sent
    return { ...own, ...samplingFields(this.#settings, options ?? {}, this.#settings.knownServer.capabilities) };
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
    const { onNotice, knownServer } = this.#settings;
    const { call } = question;
    const begun = performance.now();
    const origin = { id: "", model: this.model };
    const attempts: Attempt[] = [];
    let first: number | undefined;
    for (let isOver = false; !isOver;) {
      const request = this.#request(question);
      const attempt = new Attempt({
        ...request,
        knownServer,
        stopRepetition: this.#settings.stopRepetition,
        usedIds: request.callIds,
        continuesReasoning: attempts.some(({ has }) => has.reasoning),
      });
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
    const end = endOfAnswer({ attempts, model, capabilities: knownServer.capabilities, withHarmony, milliseconds });
    const notice = noticeOfEnd(end.metadata);
    if (notice) onNotice?.(notice);
    yield { type: "end", id: origin.id, ...end };
  }

  #request({ messages, call }: Question): WireRequest {
    this.#noteIgnored(call);
    const params = { ...this.invocationParams(call, { streaming: true }) };
    return buildRequest({ params, messages, call, defaults: this.#settings, knownServer: this.#settings.knownServer });
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
      for await (const event of this.#open(request, call)) {
        if ("isDone" in event) {
          attempt.isDone = true;
          break;
        }
        const { chunk } = event;
        if (origin.id === "") origin.id = this.#settings.knownServer.answerId(chunk.id ?? "");
        origin.model = chunk.model ?? origin.model;
        for (const piece of attempt.read(chunk)) yield { type: "piece", id: origin.id, piece };
        const logprobs = chunk.choices?.[0]?.logprobs;
        if (logprobs) yield { type: "logprobs", id: origin.id, logprobs };
        // leaving the loop ends the request
        if (attempt.isRepeating || attempt.stopSequence !== undefined || call.signal?.aborted) break;
      }
    } catch (thrown) {
      failure = modelError(thrown, baseUrl);
    }
    // what was held back belongs to the answer however it ended
    for (const piece of attempt.end()) yield { type: "piece", id: origin.id, piece };
    if (call.signal?.aborted) return;
    // nothing is missing from an answer that was over before its connection broke
    const isOver = attempt.isDone || attempt.finishReason !== undefined;
    if (failure !== undefined && !(isOver && isBrokenOff(failure))) throw failure;
    if (!attempt.isComplete) throw failed("brokenOff", [baseUrl]);
  }

  /** A server that has died this very moment refuses the connection before whoever watches it knows: it is asked once more. */
  async #connect(body: unknown, call: ChatGptOssCallOptions, signal: AbortSignal): Promise<Response> {
    const { beforeRequest, baseUrl, apiKey } = this.#settings;
    const headers = Object.fromEntries(new Headers(call.options?.headers as ConstructorParameters<typeof Headers>[0]));
    const post = async () =>
      await this.caller.call(async () => {
        try {
          return await postCompletion({ baseUrl, apiKey, headers, body, signal });
        } catch (thrown) {
          throw modelError(thrown, baseUrl);
        }
      });
    if (beforeRequest === undefined) return await post();
    await beforeRequest(signal);
    try {
      return await post();
    } catch (thrown) {
      // a server that refuses our key is there
      if (signal.aborted || !isFailure(thrown, "unreachable")) throw thrown;
      await sleep(NOTICED_MS);
      await beforeRequest(signal);
      return await post();
    }
  }

  async *#open({ body }: WireRequest, call: ChatGptOssCallOptions): AsyncGenerator<CompletionEvent> {
    const onProgress = call.onProgress ?? this.#settings.onProgress;
    // undici listens to a signal for as long as it lives: it gets one that goes with the request
    using request = new RequestSignal(call.signal, this.timeout);
    for await (const event of readCompletion(await this.#connect(body, call, request.signal))) {
      request.stopTimer();
      const progress = "chunk" in event ? event.chunk.prompt_progress : undefined;
      if (progress && onProgress) onProgress(progressOf(progress));
      yield event;
      request.startTimer();
    }
  }

  /** Says once of each option and each tool that belongs to OpenAI's own servers that it has no effect. */
  #noteIgnored(call: ChatGptOssCallOptions): void {
    const { onNotice } = this.#settings;
    for (const name of ignoredIn(call)) {
      if (this.#ignored.has(name)) continue;
      this.#ignored.add(name);
      onNotice?.(noticeOf("ignored-option", reason("optionIgnored", name)));
    }
  }
}

function isFailure(error: unknown, key: ErrorKey): boolean {
  return GptOssError.isInstance(error) && error.wording?.key === key;
}

function isBrokenOff(error: unknown): boolean {
  return isFailure(error, "brokenOff") || isFailure(error, "unreachable");
}

function progressOf({ total, cache, processed, time_ms }: NonNullable<WireChunk["prompt_progress"]>): PromptProgress {
  return { total, cached: cache ?? 0, processed, milliseconds: time_ms ?? 0 };
}

function partialOf(chunk: ChatGenerationChunk | undefined): AIMessageChunk | undefined {
  return AIMessageChunk.isInstance(chunk?.message) ? chunk.message : undefined;
}

/** A signal that follows another for a while, and leaves no listener there. */
export class RequestSignal implements Disposable {
  readonly #followed: AbortSignal | undefined;
  readonly #own = new AbortController();
  readonly #abort = () => {
    this.#own.abort(this.#followed?.reason);
  };

  readonly #timeout: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout milliseconds without data after which the signal aborts with ETIMEDOUT */
  constructor(followed: AbortSignal | undefined, timeout: number | undefined) {
    this.#followed = followed;
    this.#timeout = timeout;
    this.startTimer();
    if (followed?.aborted) this.#abort();
    followed?.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  /** Waits for data from now on. */
  startTimer(): void {
    if (this.#timeout === undefined) return;
    const error = Object.assign(new Error(`no data for ${this.#timeout} ms`), { code: "ETIMEDOUT" });
    this.#timer = setTimeout(() => this.#own.abort(error), this.#timeout);
  }

  /** Data has arrived. The time that its reader takes does not count. */
  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stopTimer();
    this.#followed?.removeEventListener("abort", this.#abort);
  }
}
