import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { GptOssError, systemCodeOf } from "../errors/errors.ts";
import { type ErrorKey, createError } from "../i18n/error-messages.ts";
import { requestServerJson, sendServerRequest } from "../llama-server/http.ts";
import { answerEnd } from "./answer-end.ts";
import type { AnswerEnd, AnswerPart, PromptProgress } from "./answer-part.ts";
import { Attempt } from "./attempt.ts";
import { buildRequest, templateRequest, type WireRequest } from "./build-request.ts";
import type { KnownServer, ServerCapabilities } from "./capabilities.ts";
import { readCompletion } from "./completion-stream.ts";
import type { InferenceOptions, InferenceRequest } from "./inference-request.ts";
import type { ToolCall } from "./messages.ts";
import { explainRequestError } from "./request-error.ts";
import type { WireChunk } from "./wire.ts";

/** How often a model that gives neither an answer nor a call is asked. */
const MOST_ATTEMPTS = 2;
/** Most milliseconds until the end of a server is noticed. */
const NOTICED_MS = 300;

export interface InferenceClientOptions {
  /** With its path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** What is known of the server; it is refined by what arrives. */
  readonly knownServer: KnownServer;
  /** Awaited before each request: a server that is being started again is not asked. */
  readonly ready?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  /** Milliseconds without any data after which a request fails. Default: no limit, since a long prompt takes minutes on a slow machine. */
  readonly timeout?: number | undefined;
  /** Sends the request and may repeat it, for example with LangChain's `maxRetries`. */
  readonly retry?: ((send: () => Promise<Response>) => Promise<Response>) | undefined;
  /** Default: one without time limits. */
  readonly fetch?: typeof fetch | undefined;
}

/** A whole answer, channel by channel. */
export interface Answer extends Omit<AnswerEnd, "type"> {
  readonly final: string;
  readonly analysis: string;
  /** Commentary that no tool gets: what the model tells the user before it calls. */
  readonly commentary: string;
  readonly toolCalls: readonly ToolCall[];
}

/**
 * Sends requests to one model server and reads its answers, whether the server passes raw harmony on or splits the channels itself. Chat,
 * chains, experiments and the gateway all use it.
 *
 * It does not use OpenAI's SDK. The SDK loses the text of an error whose body is not OpenAI's, fails on streams of other servers, and takes
 * organization, project, headers and log level from the environment.
 */
export class InferenceClient {
  readonly #options: InferenceClientOptions;

  constructor(options: InferenceClientOptions) {
    this.#options = options;
  }

  /** With its path. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  get capabilities(): ServerCapabilities {
    return this.#options.knownServer.capabilities;
  }

  /**
   * Streams the parts of an answer. After an abort the parts end without an `end` part. Stopping the iteration ends the request.
   * @throws GptOssError when the server cannot be reached, refuses the request or breaks off; PromptTooLongError when the prompt does not fit
   */
  async *stream(request: InferenceRequest, options: InferenceOptions = {}): AsyncGenerator<AnswerPart> {
    const startedAt = performance.now();
    const origin = { id: "", model: request.model ?? "" };
    const attempts: Attempt[] = [];
    let first: number | undefined;
    for (let isOver = false; !isOver;) {
      const wire = buildRequest(request, this.#options.knownServer);
      const attempt = new Attempt({
        ...wire,
        knownServer: this.#options.knownServer,
        stopRepetition: options.stopRepetition,
        continuesReasoning: attempts.some(({ has }) => has.reasoning),
      });
      attempts.push(attempt);
      for await (const part of this.#ask(wire, attempt, options, origin)) {
        if (part.type !== "start" && part.type !== "progress") first ??= performance.now() - startedAt;
        yield part;
      }
      if (options.signal?.aborted) return;
      isOver = !attempt.isEmpty || !options.retryEmptyAnswer || attempts.length === MOST_ATTEMPTS;
      if (!isOver) yield { type: "retry", reason: "empty-answer" };
    }
    const milliseconds = { total: performance.now() - startedAt, first };
    yield answerEnd({ attempts, capabilities: this.capabilities, milliseconds });
  }

  /** Asks for an answer in one response, which costs the server no streaming. @throws what `stream` throws; the signal's reason after an abort */
  async complete(request: InferenceRequest, options: InferenceOptions = {}): Promise<Answer> {
    // many requests at once listen to one signal, which is not a leak
    if (options.signal) setMaxListeners(Infinity, options.signal);
    const text = { final: "", analysis: "", commentary: "" };
    const toolCalls: { id: string; name: string; arguments: string }[] = [];
    for await (const part of this.stream(request, { ...options, singleResponse: true })) {
      if (part.type === "text") text[part.channel] += part.text;
      else if (part.type === "tool-call") toolCalls[part.index] = { id: part.id, name: part.name, arguments: "" };
      else if (part.type === "tool-arguments") {
        const call = toolCalls[part.index];
        if (call) call.arguments += part.text;
      } else if (part.type === "end") {
        const { type: _, ...end } = part;
        return { ...text, toolCalls: toolCalls.filter(Boolean), ...end };
      }
    }
    options.signal?.throwIfAborted();
    throw createError("brokenOff", [this.#options.baseUrl]);
  }

  /** The text that the model reads, as llama-server's template writes it. @throws what `stream` throws */
  async renderPrompt(request: InferenceRequest, signal?: AbortSignal): Promise<string> {
    const body = templateRequest(request, this.#options.knownServer);
    return (await this.#askLlamaServer("/apply-template", body, promptSchema, signal)).prompt;
  }

  /** The grammar or schema that the server would hold the answer to; undefined without one. */
  constraintOf(request: InferenceRequest): string | undefined {
    const { grammar, response_format } = buildRequest(request, this.#options.knownServer).body;
    if (typeof grammar === "string") return grammar;
    return response_format === undefined ? undefined : JSON.stringify(response_format);
  }

  /**
   * Lets llama-server process the beginning that the next prompts share, and keep its state. No request names a slot: the server finds the idle
   * slot whose cache begins most like the prompt. Version 0.5.0 swaps the cache of a slot that a request names, even while the slot writes another
   * answer.
   * @throws what `stream` throws
   */
  async warmPrefix(
    prompt: string,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens: number; readonly milliseconds: number }> {
    const body = { prompt, n_predict: 0, cache_prompt: true };
    const { timings } = await this.#askLlamaServer("/completion", body, prefixSchema, signal);
    return { tokens: timings.prompt_n, milliseconds: timings.prompt_ms };
  }

  async #askLlamaServer<Reply>(
    path: string,
    body: unknown,
    schema: z.ZodType<Reply>,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const { baseUrl, apiKey, fetch } = this.#options;
    try {
      const reply = schema.safeParse(await requestServerJson({ baseUrl, apiKey, path, body, signal, fetch }));
      if (reply.success) return reply.data;
      throw createError("noLlamaServer", [baseUrl], { cause: reply.error });
    } catch (thrown) {
      throw signal?.aborted ? thrown : explainRequestError(thrown, baseUrl);
    }
  }

  /** One request and everything that arrives. */
  async *#ask(
    wire: WireRequest,
    attempt: Attempt,
    options: InferenceOptions,
    origin: { id: string; model: string },
  ): AsyncGenerator<AnswerPart> {
    const { baseUrl, knownServer, timeout } = this.#options;
    // undici listens to a signal for as long as it lives: it gets one that ends with the request
    using signal = new RequestSignal(options.signal, timeout);
    let failure: unknown;
    try {
      for await (const event of readCompletion(await this.#connect(wire.body, options, signal.signal))) {
        signal.stopTimer();
        if ("isDone" in event) {
          attempt.isDone = true;
          break;
        }
        const { chunk } = event;
        if (origin.id === "") {
          origin.id = knownServer.answerId(chunk.id ?? "");
          origin.model = chunk.model ?? origin.model;
          yield { type: "start", ...origin };
        }
        if (chunk.prompt_progress) yield { type: "progress", ...progressOf(chunk.prompt_progress) };
        yield* attempt.read(chunk);
        const logprobs = chunk.choices?.[0]?.logprobs;
        if (logprobs) yield { type: "logprobs", logprobs };
        // leaving the loop ends the request
        if (attempt.isRepeating || attempt.stopSequence !== undefined || options.signal?.aborted) break;
        signal.startTimer();
      }
    } catch (thrown) {
      failure = explainRequestError(thrown, baseUrl);
    }
    // text that was held back belongs to the answer however it ended
    yield* attempt.end();
    if (options.signal?.aborted) return;
    // nothing is missing from an answer that was over before its connection broke
    const isOver = attempt.isDone || attempt.finishReason !== undefined;
    if (failure !== undefined && !(isOver && isBrokenOff(failure))) throw failure;
    if (!attempt.isComplete) throw createError("brokenOff", [baseUrl]);
  }

  /** A server that has just died refuses the connection before its supervisor knows: it is asked once more. */
  async #connect(body: WireRequest["body"], options: InferenceOptions, signal: AbortSignal): Promise<Response> {
    const { ready, retry = async (send) => await send() } = this.#options;
    const post = async () => await retry(async () => await this.#post(body, options, signal));
    if (ready === undefined) return await post();
    await ready(signal);
    try {
      return await post();
    } catch (thrown) {
      // a server that refuses our key is running
      if (signal.aborted || !isFailure(thrown, "unreachable")) throw thrown;
      await sleep(NOTICED_MS);
      await ready(signal);
      return await post();
    }
  }

  async #post(body: WireRequest["body"], options: InferenceOptions, signal: AbortSignal): Promise<Response> {
    const { baseUrl, apiKey, fetch } = this.#options;
    const { stream, stream_options, return_progress, ...single } = body;
    try {
      return await sendServerRequest({
        baseUrl,
        apiKey,
        path: "chat/completions",
        headers: { accept: "text/event-stream, application/json", ...options.headers },
        body: {
          ...single,
          ...(!options.singleResponse && { stream, stream_options, return_progress }),
          ...(options.useCache !== undefined && { cache_prompt: options.useCache }),
        },
        signal,
        fetch,
      });
    } catch (thrown) {
      // a server that closes the connection has taken the request, and its only response is lost
      const isLost = options.singleResponse && ["UND_ERR_SOCKET", "ECONNRESET"].includes(systemCodeOf(thrown) ?? "");
      throw isLost ? createError("brokenOff", [baseUrl], { cause: thrown }) : explainRequestError(thrown, baseUrl);
    }
  }
}

const promptSchema = z.object({ prompt: z.string() });
const prefixSchema = z.object({ timings: z.object({ prompt_n: z.number(), prompt_ms: z.number() }) });

function isFailure(error: unknown, key: ErrorKey): boolean {
  return GptOssError.isInstance(error) && error.wording?.key === key;
}

function isBrokenOff(error: unknown): boolean {
  return isFailure(error, "brokenOff") || isFailure(error, "unreachable");
}

function progressOf({ total, cache, processed, time_ms }: NonNullable<WireChunk["prompt_progress"]>): PromptProgress {
  return { total, cached: cache ?? 0, processed, milliseconds: time_ms ?? 0 };
}

/** A signal that follows another for the time of one request, and leaves no listener there. */
class RequestSignal implements Disposable {
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
