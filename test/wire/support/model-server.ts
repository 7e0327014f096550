import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request said, as far as a server can depend on it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** What the model writes: raw harmony after `<|start|>assistant`, or something else that a server may do. */
export type Reply =
  | string
  | { readonly raw: string; readonly finish?: "stop" | "length" | "cut" }
  /** The deltas of a server that splits the channels itself. */
  | {
      readonly deltas: readonly Readonly<Record<string, unknown>>[];
      readonly finish?: string;
      /** What else each choice has. */
      readonly choice?: Readonly<Record<string, unknown>>;
    }
  | { readonly status: number; readonly error: string; readonly fields?: Readonly<Record<string, unknown>> }
  /** Writes this, and then nothing until the reader leaves. */
  | { readonly hangs: string }
  /** Ends the connection without an answer. */
  | { readonly breaks: true };

/** Whose template a server has, and what it does with the channels. */
export type ServerKind =
  /** llama-server as we start it. */
  | "ours"
  /** llama-server with its own parser and the model's own template. */
  | "splitting-llama"
  /** No llama-server: it knows Chat Completions and nothing else. */
  | "foreign";

export interface ModelServerOptions {
  readonly kind?: ServerKind;
  readonly contextSize?: number;
  /** The model's file, as the server sees it. */
  readonly modelPath?: string;
  readonly slots?: number;
  /** One for each answer, the last for all that follow; or what the answer to a request is. */
  readonly replies?: readonly Reply[] | ((body: ChatBody) => Reply | Promise<Reply>);
  /** Tokens of a prompt; by default a token has four characters. */
  readonly countTokens?: (prompt: string) => number;
  /** Answers requests for embeddings. */
  readonly embeds?: boolean;
  /** A free one by default. */
  readonly port?: number;
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface ChatBody {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly stream?: boolean;
  readonly [field: string]: unknown;
}

export interface ModelServer extends AsyncDisposable {
  /** With its path. */
  readonly baseUrl: string;
  readonly exchanges: readonly Exchange[];
  /** Lets nobody connect from now on, as a server that has gone; what is being answered is answered. */
  refuse(): void;
  /** Listens again, at the same address. */
  accept(): Promise<void>;
}

const NOTED_HEADERS = ["connection", "authorization", "content-type"] as const;
const FINAL = "<|channel|>final<|message|>";

/** Raw harmony of a short answer. */
export function finalText(text: string): string {
  return FINAL + text;
}

export function thinkingThen(analysis: string, rest: string): string {
  return `<|channel|>analysis<|message|>${analysis}<|end|><|start|>assistant${rest}`;
}

export function callOf(name: string, parameters: unknown): string {
  return `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(parameters)}<|call|>`;
}

/** A model server by a script, with every route that the program asks; it notes all requests. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const exchanges: Exchange[] = [];
  let answers = 0;
  const nextReply = (body: ChatBody): Reply | Promise<Reply> => {
    const { replies = [finalText("Hello.")] } = options;
    if (typeof replies === "function") return replies(body);
    return replies[Math.min(answers++, replies.length - 1)] ?? finalText("");
  };
  const server = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat((await request.toArray()) as Uint8Array[]).toString();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const { method = "", url = "" } = request;
      exchanges.push({ method, path: url, headers: notedHeaders(request), body });
      options.onExchange?.(exchanges.at(-1) as Exchange);
      await route(url, body, { options, nextReply, response });
    })();
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    exchanges,
    refuse() {
      server.close();
    },
    async accept() {
      if (server.listening) return;
      server.closeAllConnections();
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

function notedHeaders({ headers }: IncomingMessage): Exchange["headers"] {
  return Object.fromEntries(NOTED_HEADERS.map((name) => [name, headers[name]]));
}

interface Handling {
  readonly options: ModelServerOptions;
  readonly nextReply: (body: ChatBody) => Reply | Promise<Reply>;
  readonly response: ServerResponse;
}

async function route(path: string, body: unknown, { options, nextReply, response }: Handling): Promise<void> {
  const { kind = "ours", contextSize = 8_192, slots = 1, embeds = false } = options;
  const count = options.countTokens ?? ((text: string) => Math.ceil(text.length / 4));
  const send = (value: unknown, status = 200) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const isLlama = kind !== "foreign";
  if (path === "/v1/chat/completions") {
    if (isProbe(body)) return send(completionOf(isLlama && kind === "ours" ? `${FINAL}.` : ".", body as ChatBody));
    return await answer(await nextReply(body as ChatBody), body as ChatBody, response);
  }
  if (path === "/v1/embeddings" && embeds) return send(embeddingsOf(body));
  if (!isLlama) return send({ error: { message: "Not Found" } }, 404);
  switch (path) {
    case "/props":
      return send({
        default_generation_settings: { n_ctx: contextSize },
        total_slots: slots,
        model_alias: "gpt-oss-20b",
        ...(options.modelPath !== undefined && { model_path: options.modelPath }),
        build_info: "b1-de3ff81",
        chat_template: kind === "ours" ? "{{ continue_from }}" : "{{ messages }}",
      });
    case "/v1/models":
      return send({ data: [{ id: "gpt-oss-20b", created: Date.now(), meta: { n_vocab: 201_088 } }] });
    case "/apply-template":
      return send({ prompt: renderPrompt(body as ChatBody) });
    case "/tokenize":
      return send({ tokens: Array.from({ length: count((body as { content: string }).content) }, (_, id) => id) });
    case "/v1/chat/completions/input_tokens":
      return send({ input_tokens: count(renderPrompt(body as ChatBody)) });
    case "/completion":
      return send({ content: "", timings: { prompt_n: count((body as { prompt: string }).prompt), prompt_ms: 5 } });
    case "/v1/completions":
      return send({ choices: [{ text: ", 4 5", finish_reason: "stop" }] });
    default:
      return send({ error: { message: "File Not Found" } }, 404);
  }
}

/** The question by which the program finds out whether a server splits channels. */
function isProbe(body: unknown): boolean {
  const { grammar, max_tokens } = body as ChatBody;
  return typeof grammar === "string" && max_tokens === 8;
}

/** What a chat template depends on, in an order of its own: other fields must not change the text. */
function renderPrompt({ messages, tools, chat_template_kwargs: words }: ChatBody): string {
  const { reasoning_effort: effort = "medium", current_date: date = "" } = (words ?? {}) as Record<string, unknown>;
  const said = messages.map(({ role, content, tool_calls: calls }) => {
    const called = calls === undefined ? "" : JSON.stringify(calls);
    return `<|start|>${String(role)}<|message|>${String(content)}${called}<|end|>`;
  });
  const offered = tools === undefined ? "" : JSON.stringify(tools);
  return `<|start|>system<|message|>${String(date)} ${String(effort)} ${offered}<|end|>${said.join("")}<|start|>assistant`;
}

function embeddingsOf(body: unknown): unknown {
  const { input } = body as { input: string | readonly string[] };
  const texts = typeof input === "string" ? [input] : input;
  return { data: texts.map((text, index) => ({ index, embedding: [text.length, text.codePointAt(0) ?? 0, 1] })) };
}

const TIMINGS = { cache_n: 4, prompt_n: 6, prompt_ms: 3, prompt_per_second: 2_000, predicted_n: 5 };
const timings = { ...TIMINGS, predicted_ms: 50, predicted_per_second: 100 };
const usage = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
};

function completionOf(
  content: string,
  { model = "gpt-oss-20b" }: ChatBody,
  finish_reason = "stop",
  fields: Readonly<Record<string, unknown>> = {},
): unknown {
  const message = { role: "assistant", content, ...fields };
  return { id: "chatcmpl-1", model, choices: [{ index: 0, message, finish_reason }], usage, timings };
}

async function answer(reply: Reply, body: ChatBody, response: ServerResponse): Promise<void> {
  if (typeof reply === "object" && "status" in reply) {
    const error = JSON.stringify({ error: { message: reply.error, code: reply.status, ...reply.fields } });
    response.writeHead(reply.status, { "content-type": "application/json" }).end(error);
    return;
  }
  if (typeof reply === "object" && "breaks" in reply) {
    response.destroy();
    return;
  }
  const { raw = "", finish = "stop", deltas, hangs, choice } = wholeReply(reply);
  if (body.stream !== true) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(completionOf(raw, body, finish, deltas && joinedDeltas(deltas))));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  // llama-server begins so, and ChatOpenAI takes chunks of an unnamed role for no assistant's
  response.write(
    eventOf({ choices: [{ index: 0, delta: { role: "assistant", content: null }, finish_reason: null }] }),
  );
  for (const delta of deltas ?? cut(hangs ?? raw)) {
    response.write(eventOf({ choices: [{ index: 0, delta, finish_reason: null, ...choice }] }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (hangs !== undefined) return;
  if (finish === "cut") {
    response.end();
    return;
  }
  response.write(eventOf({ choices: [{ index: 0, delta: {}, finish_reason: finish }] }));
  response.end(`${eventOf({ choices: [], usage, timings })}data: [DONE]\n\n`);
}

interface WholeReply {
  readonly raw?: string;
  readonly finish?: string;
  readonly deltas?: readonly Readonly<Record<string, unknown>>[];
  readonly hangs?: string;
  readonly choice?: Readonly<Record<string, unknown>>;
}

function wholeReply(reply: Exclude<Reply, { readonly status: number } | { readonly breaks: true }>): WholeReply {
  return typeof reply === "string" ? { raw: reply } : reply;
}

/** Deltas as the message of a whole response. Each call stands in one delta. */
function joinedDeltas(deltas: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  const textOf = (field: string) => deltas.map((delta) => (delta[field] as string | undefined) ?? "").join("");
  const calls = deltas.flatMap(({ tool_calls: given }) => (given as unknown[] | undefined) ?? []);
  return {
    content: textOf("content"),
    reasoning_content: textOf("reasoning_content"),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function cut(text: string, size = 5): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => ({
    content: text.slice(at * size, (at + 1) * size),
  }));
}

let chunks = 0;

function eventOf(fields: Readonly<Record<string, unknown>>): string {
  const chunk = { id: `chatcmpl-${++chunks}`, object: "chat.completion.chunk", model: "gpt-oss-20b", ...fields };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
