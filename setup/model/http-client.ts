import type { Readable } from "node:stream";
import { systemCodeOf } from "../../src/errors.ts";
import type { Environment } from "../folders.ts";
import { TransientError } from "./transient-error.ts";

export interface HttpResponse {
  readonly status: number;
  /** A header's value; `name` in lower case. */
  header(name: string): string | undefined;
  readonly body: Readable;
}

export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** GET requests that follow no redirect by themselves, so that each hop can be looked at. */
export interface HttpClient {
  request(url: string, request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/**
 * A client on undici that goes through HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
 * @param silenceMs a connection that gives nothing for so long has stalled
 */
export async function createHttpClient(environment: Environment, silenceMs: number): Promise<HttpClient> {
  // undici is loaded when something is fetched, and not before
  const { EnvHttpProxyAgent, request } = await import("undici");
  const variable = (name: string) => environment[name.toLowerCase()] || environment[name] || "";
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: variable("HTTP_PROXY"),
    httpsProxy: variable("HTTPS_PROXY"),
    noProxy: variable("NO_PROXY"),
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connectTimeout: silenceMs,
  });
  return {
    async request(url, { headers, signal }) {
      try {
        const response = await request(url, { headers, dispatcher, ...(signal && { signal }) });
        return {
          status: response.statusCode,
          header(name) {
            const value = response.headers[name];
            return Array.isArray(value) ? value[0] : value;
          },
          body: response.body,
        };
      } catch (error) {
        if (signal?.aborted || systemCodeOf(error) === undefined) throw error;
        throw new TransientError(describe(error, url), undefined, error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function describe(error: unknown, url: string): string {
  const code = systemCodeOf(error) ?? "";
  if (code.includes("TIMEOUT")) return `${new URL(url).host} does not answer in time`;
  return `the connection to ${new URL(url).host} failed (${code})`;
}
