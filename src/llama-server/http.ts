import { reportOf, ServerError } from "./server-report.ts";

/** Where a model server is. */
export interface ServerAddress {
  /** With or without a path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
}

export interface ServerRequest extends ServerAddress {
  /** Relative to `baseUrl` (`chat/completions`), or with a slash to the root of the server (`/tokenize`). */
  readonly path: string;
  /** Sent by POST as JSON. A request without a body is a GET. */
  readonly body?: unknown;
  /** On top of our own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Default: one without time limits. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Sends one request to a model server on a connection of its own. llama-server closes its side after each reply, and a request on the old
 * connection at that moment would fail.
 * @throws ServerError for any status but 2xx; otherwise what `fetch` throws
 */
export async function sendServerRequest(request: ServerRequest): Promise<Response> {
  const { baseUrl, apiKey, path, body, headers, signal, fetch: send = await patientFetch() } = request;
  const response = await send(new URL(path, baseUrl.replace(/\/*$/, "/")), {
    method: body === undefined ? "GET" : "POST",
    headers: { ...serverHeaders(apiKey), connection: "close", ...headers },
    ...(body !== undefined && { body: encodeJsonBody(body) }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  throw new ServerError(reportOf(await response.text()), response.status);
}

let patient: Promise<typeof fetch> | undefined;

/** Node's own `fetch` gives up after five minutes without data, and a slow machine may process a prompt for longer. */
async function patientFetch(): Promise<typeof fetch> {
  patient ??= import("../vendor/undici.ts").then(({ Agent, fetch: send }) => {
    const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
    return ((input: string, init: object) => send(input, { ...init, dispatcher })) as unknown as typeof fetch;
  });
  return await patient;
}

/** Sends one request and reads the reply as JSON. @throws what `sendServerRequest` throws, and SyntaxError for a reply that is not JSON */
export async function requestServerJson(request: ServerRequest): Promise<unknown> {
  return await (await sendServerRequest(request)).json();
}

/** The headers of every request. A local server without a key ignores it, and some proxies require one. */
export function serverHeaders(apiKey: string | undefined): Readonly<Record<string, string>> {
  return { "content-type": "application/json", authorization: `Bearer ${apiKey ?? "none"}` };
}

/** How JSON.stringify writes half of a surrogate pair; an even number of backslashes before it is text. */
const LONE_SURROGATE = /(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g;

/**
 * Encodes a request body as JSON that every server can decode. Text that was cut in the middle of a character ends in a lone
 * surrogate, which UTF-8 cannot represent: llama-server rejects such a request with HTTP 500. It becomes U+FFFD.
 */
export function encodeJsonBody(value: unknown): string {
  return JSON.stringify(value).replaceAll(LONE_SURROGATE, "$1\uFFFD");
}
