import { setMaxListeners } from "node:events";
import { Agent, request } from "undici";
import { explainModelError } from "../../model/model-error.ts";
import { reportOf, ServerError } from "../../model/server-report.ts";
import { encodeJsonBody } from "../../platform/json-body.ts";

/** The HTTP status that a failure goes back to, if the server answered. */
export function httpStatusOf(error: unknown): number | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause instanceof ServerError) return cause.status;
  }
  return undefined;
}

export interface ServerClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
}

/** Plain JSON over HTTP to one llama-server. */
export class ServerClient implements AsyncDisposable {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;
  // a slow model may think for longer than the five minutes that undici waits for headers; no request follows on a connection
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 0 });

  constructor({ url, apiKey }: ServerClientOptions) {
    this.url = url;
    this.#headers = {
      "content-type": "application/json",
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    };
  }

  async get(path: string, signal?: AbortSignal): Promise<unknown> {
    return await this.#send(path, { method: "GET" }, signal);
  }

  async post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return await this.#send(path, { method: "POST", body: encodeJsonBody(body) }, signal);
  }

  /** @throws GptOssError in a sentence */
  async #send(path: string, options: { method: "GET" | "POST"; body?: string }, signal: AbortSignal | undefined) {
    // one signal is heard by as many requests as there are at once, which is no leak
    if (signal) setMaxListeners(0, signal);
    try {
      const response = await request(this.url + path, {
        ...options,
        headers: this.#headers,
        dispatcher: this.#agent,
        ...(signal && { signal }),
      });
      const text = await response.body.text();
      if (response.statusCode >= 400) throw new ServerError(reportOf(text), response.statusCode);
      return parseBody(text);
    } catch (error) {
      throw signal?.aborted ? error : explainModelError(error, this.url);
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
