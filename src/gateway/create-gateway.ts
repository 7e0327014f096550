import { type Context, Hono } from "hono";
import type { InferenceRequest } from "../inference/inference-request.ts";
import { approximateTokens } from "../inference/token-count.ts";
import { accessControl, clientOf } from "./access.ts";
import { anthropicErrorBody, ApiError, causeOf, openAIErrorBody, toApiError } from "./api-error.ts";
import { readChatRequest } from "./chat-completions/chat-request.ts";
import { ConversationDates } from "./conversation-dates.ts";
import { createEmbeddings } from "./embeddings.ts";
import { DEFAULT_LIMITS, type GatewayApi, type GatewayOptions } from "./gateway-options.ts";
import { readMessagesRequest } from "./messages/messages-request.ts";
import type { ModelApi, RequestContext } from "./model-api.ts";
import { findModel, listModels } from "./models.ts";
import { readJsonBody } from "./request-body.ts";
import { readResponsesRequest } from "./responses/responses-request.ts";
import { answerAtOnce, type Outcome, streamAnswer } from "./run-request.ts";
import { GatewayStatistics } from "./statistics.ts";
import { ThinkingMemory } from "./thinking-memory.ts";

const MODEL_APIS: readonly ModelApi[] = [
  {
    name: "chat-completions",
    path: "/v1/chat/completions",
    callIdPrefix: "call_",
    readRequest: readChatRequest,
    errorBody: openAIErrorBody,
  },
  {
    name: "responses",
    path: "/v1/responses",
    callIdPrefix: "call_",
    readRequest: readResponsesRequest,
    errorBody: openAIErrorBody,
  },
  {
    name: "messages",
    path: "/v1/messages",
    callIdPrefix: "toolu_",
    readRequest: readMessagesRequest,
    errorBody: anthropicErrorBody,
  },
];

const DEFAULT_HEARTBEAT_SECONDS = 5;

/** The HTTP APIs of a model: Chat Completions, Responses, Messages, Models and Embeddings. */
export function createGateway(options: GatewayOptions, statistics = new GatewayStatistics()): Hono {
  if (options.apiKey?.trim() === "") throw new RangeError("An empty API key protects nothing.");
  return new Gateway(options, statistics).app;
}

class Gateway {
  readonly app = new Hono();
  readonly #options: GatewayOptions;
  readonly #statistics: GatewayStatistics;
  readonly #memory = new ThinkingMemory();
  readonly #dates: ConversationDates;
  readonly #leftOut = new Set<string>();

  constructor(options: GatewayOptions, statistics: GatewayStatistics) {
    this.#options = options;
    this.#statistics = statistics;
    this.#dates = new ConversationDates(options.today);
    const { app } = this;
    app.onError((thrown, context) => this.#sendError(thrown, context));
    app.notFound((context) => {
      const what = `${context.req.method} ${context.req.path}`;
      return this.#sendError(new ApiError("not-found", `This server does not know ${what}.`), context);
    });
    const { apiKey, corsOrigin, allowedHosts = [] } = options;
    app.use(accessControl({ apiKey, corsOrigin, allowedHosts }));
    app.get("/", (context) => context.json({ name: "langchain-gpt-oss", model: options.model.name }));
    app.get("/health", (context) => context.json({ status: "ok" }));
    app.get("/status", (context) => context.json(this.#statistics.status));
    app.get("/v1/models", (context) => context.json(listModels(options.model, this.#contextSize)));
    app.get("/v1/models/:name{.+}", (context) => {
      const name = context.req.param("name");
      const model = findModel(name, options.model, this.#contextSize);
      if (model !== undefined) return context.json(model);
      throw new ApiError("not-found", `This server has no model ${JSON.stringify(name)}.`);
    });
    app.post("/v1/embeddings", async (context) => {
      const body = await this.#readBody(context.req.raw, "embeddings");
      return context.json(await createEmbeddings(body, options, context.req.raw.signal));
    });
    for (const api of MODEL_APIS) app.post(api.path, async ({ req }) => await this.#answer(req.raw, api));
    app.post("/v1/messages/count_tokens", async (context) => {
      const body = await this.#readBody(context.req.raw, "messages");
      const request = readMessagesRequest(body, this.#requestContext("messages"));
      const inference = this.#complete(request.inference, clientOf(context.req.raw));
      return context.json({ input_tokens: await countPromptTokens(inference, options, context.req.raw.signal) });
    });
  }

  get #contextSize(): number | undefined {
    const { model, source } = this.#options;
    return model.contextSize ?? source.capabilities.contextSize;
  }

  async #answer(raw: Request, api: ModelApi): Promise<Response> {
    const started = performance.now();
    const { source, ready, heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS } = this.#options;
    const body = await this.#readBody(raw, api.name);
    const request = api.readRequest(body, this.#requestContext(api.name));
    const client = clientOf(raw);
    const inference = this.#complete(request.inference, client);
    this.#statistics.startRequest();
    const { tools, isStream, isSingleCall } = request;
    const { callIdPrefix } = api;
    const run = {
      request,
      answer: {
        source,
        request: inference,
        tools,
        memory: this.#memory,
        client,
        callIdPrefix,
        isSingleCall,
        isStream,
        ready,
      },
      clientSignal: raw.signal,
      heartbeatMilliseconds: heartbeatSeconds * 1000,
      onEnd: (outcome: Outcome) => this.#logRequest(raw, api.name, outcome, { started, isStream }),
    };
    return await (isStream ? streamAnswer(run) : answerAtOnce(run));
  }

  /** A request with what the client has left out: the thinking of an open tool loop, sampling, the date. */
  #complete(request: InferenceRequest, client: string): InferenceRequest {
    const { sampling } = this.#options;
    return {
      ...request,
      messages: this.#memory.restore(client, request.messages),
      currentDate: this.#dates.dateOf(client, request.messages),
      ...(sampling !== undefined && { sampling: { ...sampling, ...request.sampling } }),
    };
  }

  #logRequest(
    raw: Request,
    api: GatewayApi,
    { status, isAborted, end, streamError }: Outcome,
    { started, isStream }: { readonly started: number; readonly isStream: boolean },
  ): void {
    const event = {
      type: "request" as const,
      api,
      method: raw.method,
      path: pathOf(raw),
      status,
      milliseconds: performance.now() - started,
      client: raw.headers.get("user-agent") ?? "",
      isStream,
      isAborted,
      promptTokens: end?.usage?.prompt_tokens,
      cachedTokens: end?.usage?.prompt_tokens_details?.cached_tokens ?? end?.timings.promptTokensCached,
      answerTokens: end?.usage?.completion_tokens,
      tokensPerSecond: end?.timings.answerTokensPerSecond,
    };
    this.#statistics.endRequest(event);
    this.#options.onLog?.(event);
    if (streamError !== undefined) this.#logError(streamError, api, pathOf(raw));
  }

  #requestContext(api: GatewayApi): RequestContext {
    return {
      model: this.#options.model.name,
      canResume: this.#options.source.capabilities.hasOwnTemplate,
      leaveOut: (what) => {
        const key = `${api} ${what}`;
        if (this.#leftOut.has(key) || this.#leftOut.size > 1_000) return;
        this.#leftOut.add(key);
        this.#options.onLog?.({ type: "left-out", api, what });
      },
    };
  }

  async #readBody(raw: Request, api: GatewayApi): Promise<unknown> {
    const { limits, logPrompts, onLog } = this.#options;
    const body = await readJsonBody(raw, limits?.bodyBytes ?? DEFAULT_LIMITS.bodyBytes);
    if (logPrompts) onLog?.({ type: "prompt", api, path: pathOf(raw), body });
    return body;
  }

  #sendError(thrown: unknown, context: Context): Response {
    const error = toApiError(thrown);
    const { path } = context.req;
    const api = MODEL_APIS.find((known) => path.startsWith(known.path));
    this.#logError(error, api?.name ?? "other", path);
    return context.json((api?.errorBody ?? openAIErrorBody)(error), error.status);
  }

  /** What a client did wrong is in the client's own answer. */
  #logError(error: ApiError, api: GatewayApi, path: string): void {
    if (error.status >= 500) this.#options.onLog?.({ type: "error", api, path, error: causeOf(error) });
  }
}

function pathOf(raw: Request): string {
  return new URL(raw.url).pathname;
}

/** The tokens of a prompt, by the model server where it can count them. */
async function countPromptTokens(
  request: InferenceRequest,
  { countTokens, ready }: Pick<GatewayOptions, "countTokens" | "ready">,
  signal: AbortSignal,
): Promise<number> {
  if (countTokens === undefined) return estimateTokens(request);
  await ready?.(signal);
  return await countTokens(request, signal);
}

function estimateTokens({ messages, tools = [] }: InferenceRequest): number {
  const texts = messages.flatMap(({ content, toolCalls = [] }) => [
    String(content),
    ...toolCalls.flatMap((call) => [call.name, call.arguments]),
  ]);
  return approximateTokens([...texts, JSON.stringify(tools)].join("\n"));
}
