import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** The body of a request, as far as the tests look at it. */
export interface ReceivedRequest {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** What the server does with the connection, instead of or after some chunks; "hang" sends nothing more, "drip" never ends. */
export type Reply =
  | { readonly chunks: readonly unknown[]; readonly ending?: "done" | "close" | "cut" | "hang" | "drip" }
  /** Bytes as they are. */
  | { readonly bytes: readonly (string | Uint8Array)[]; readonly ending?: "close" | "cut" }
  | { readonly status: number; readonly body: unknown }
  /** A body as it is, of a content type. */
  | { readonly status: number; readonly text: string; readonly type: string };

/** A server that speaks Chat Completions by a script: it stands for servers that can't be had, and for faults. */
export interface ChatServer extends AsyncDisposable {
  /** With its path. */
  readonly baseUrl: string;
  readonly requests: readonly ReceivedRequest[];
  /** Of the same requests. */
  readonly headers: readonly IncomingHttpHeaders[];
  /** Of all requests, those to other addresses too. */
  readonly paths: readonly string[];
  /** Resolves with the milliseconds (of `performance.now`) when a client has gone away in the middle of a reply. */
  readonly left: Promise<number>;
}

/** Each reply answers one request; the last one answers all that follow. */
export async function startChatServer(...replies: readonly Reply[]): Promise<ChatServer> {
  const requests: ReceivedRequest[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const paths: string[] = [];
  let leave: (at: number) => void = () => undefined;
  const left = new Promise<number>((resolve) => (leave = resolve));
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) leave(performance.now());
    });
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Uint8Array[]).toString();
    paths.push(request.url ?? "");
    if (!request.url?.endsWith("/chat/completions")) {
      response.writeHead(404).end("{}");
      return;
    }
    requests.push(JSON.parse(body) as ReceivedRequest);
    headers.push(request.headers);
    const reply = replies[Math.min(requests.length, replies.length) - 1];
    if (reply !== undefined) await write(reply, response);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    headers,
    paths,
    left,
    [Symbol.asyncDispose]: () => stop(server),
  };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

async function write(reply: Reply, response: ServerResponse): Promise<void> {
  if ("text" in reply) {
    response.writeHead(reply.status, { "content-type": reply.type }).end(reply.text);
    return;
  }
  if ("status" in reply) {
    response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const pieces = "bytes" in reply ? reply.bytes : reply.chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  for (const piece of pieces) {
    response.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  switch (reply.ending ?? "done") {
    case "done":
      response.end("data: [DONE]\n\n");
      break;
    case "close":
      response.end();
      break;
    case "cut":
      setTimeout(() => response.destroy(), 20);
      break;
    case "hang":
      break;
    case "drip": {
      // the client may have left before
      if (response.destroyed) break;
      const drop = `data: ${JSON.stringify(stream([{ content: "." }])[1])}\n\n`;
      const timer = setInterval(() => response.write(drop), 10);
      response.on("close", () => {
        clearInterval(timer);
      });
    }
  }
}

/** Where nobody listens. */
export async function deadAddress(): Promise<string> {
  await using server = await startChatServer();
  return server.baseUrl;
}

let streams = 0;

/** Chunks of a stream: its deltas, the reason for its end, and the usage, as llama-server sends them. */
export function stream(
  deltas: readonly Readonly<Record<string, unknown>>[],
  { finish = "stop", ...last }: { readonly finish?: string; readonly [field: string]: unknown } = {},
): unknown[] {
  // LangGraph takes messages of the same id for one
  const id = `chatcmpl-${++streams}`;
  const chunk = (delta: unknown, finish_reason: string | null) => ({
    id,
    object: "chat.completion.chunk",
    model: "gpt-oss-20b",
    choices: [{ index: 0, delta, finish_reason }],
  });
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    prompt_tokens_details: { cached_tokens: 4 },
  };
  return [
    chunk({ role: "assistant", content: null }, null),
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({}, finish),
    { id, object: "chat.completion.chunk", model: "gpt-oss-20b", choices: [], usage, ...last },
  ];
}

/** A raw completion, cut into pieces of a few characters. */
export function raw(text: string, size = 3): Readonly<Record<string, unknown>>[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => ({
    content: text.slice(at * size, (at + 1) * size),
  }));
}
