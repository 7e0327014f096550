import { setMaxListeners } from "node:events";
import { encodeJsonBody, serverHeaders } from "./http.ts";
import { reportOf, ServerError } from "./server-report.ts";
import { Agent, request as sendRequest } from "../vendor/undici.ts";

export interface LlamaServerClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Makes the error that is thrown of what a request threw. */
  readonly explainError: (error: unknown, url: string) => unknown;
}

/** Plain JSON over HTTP to one llama-server, for requests whose single response may take as long as it needs. */
export class LlamaServerClient implements AsyncDisposable {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #explainError: LlamaServerClientOptions["explainError"];
  // a slow model may think for longer than the five minutes that undici waits for headers; no request follows on a connection
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 0 });

  constructor({ url, apiKey, explainError }: LlamaServerClientOptions) {
    this.url = url;
    this.#headers = serverHeaders(apiKey);
    this.#explainError = explainError;
  }

  async get(path: string, signal?: AbortSignal): Promise<unknown> {
    return await this.#send(path, { method: "GET" }, signal);
  }

  async post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return await this.#send(path, { method: "POST", body: encodeJsonBody(body) }, signal);
  }

  /** @throws what `explainError` makes of any failure; the signal's own error after an abort */
  async #send(path: string, options: { method: "GET" | "POST"; body?: string }, signal: AbortSignal | undefined) {
    // one signal is heard by as many requests as there are at once, which is no leak
    if (signal) setMaxListeners(0, signal);
    try {
      const response = await sendRequest(this.url + path, {
        ...options,
        headers: this.#headers,
        dispatcher: this.#agent,
        ...(signal && { signal }),
      });
      const text = await response.body.text();
      if (response.statusCode >= 400) throw new ServerError(reportOf(text), response.statusCode);
      return parseBody(text);
    } catch (error) {
      throw signal?.aborted ? error : this.#explainError(error, this.url);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Proxies answer errors in HTML; the status says enough then. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
