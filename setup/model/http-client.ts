import type { Readable } from "node:stream";
import { messageOf, systemCodeOf } from "../../src/errors/errors.ts";
import { createError, type LocalizedText, errorDetail, localize } from "../../src/i18n/error-messages.ts";
import type { Environment } from "../../src/platform/folders.ts";

export interface HttpResponse {
  readonly status: number;
  /** A header's value; `name` in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Read it to its end, or call `discard`. */
  readonly body: Readable;
  /** Ends the connection without reading the body. */
  discard(): void;
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
 * @throws GptOssError `usage` for a proxy that is not an address; `request` throws TransientError for a connection that fails
 */
export async function createHttpClient(environment: Environment, silenceMs: number): Promise<HttpClient> {
  const proxies = {
    httpProxy: proxyAddress(environment, "HTTP_PROXY"),
    httpsProxy: proxyAddress(environment, "HTTPS_PROXY"),
    noProxy: variable(environment, "NO_PROXY"),
  };
  // undici is loaded when something is fetched, and not before
  const { EnvHttpProxyAgent, request } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({
    ...proxies,
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
          discard() {
            // destroyed unread, the body emits an error that says just that
            response.body.on("error", () => undefined).destroy();
          },
        };
      } catch (error) {
        if (signal?.aborted) throw error;
        throw explain(error, new URL(url).host);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** Both spellings are in use; the lower-case one counts first, as in curl. */
function variable(environment: Environment, name: string): string {
  return environment[name.toLowerCase()] || environment[name] || "";
}

/** A proxy's address; `proxy:8080` means `http://proxy:8080`, as in curl. Empty when there is none. */
function proxyAddress(environment: Environment, name: string): string {
  const value = variable(environment, name);
  if (value === "") return "";
  const address = value.includes("://") ? value : `http://${value}`;
  if (URL.canParse(address) && /^https?:/i.test(address)) return address;
  throw createError("badProxy", [name]);
}

function explain(error: unknown, host: string): Error {
  const certificate = certificateCode(error);
  if (certificate !== undefined) {
    return createError("untrustedCertificate", [host, certificate], { cause: error });
  }
  return new TransientError(describe(error, host), undefined, error);
}

/** OpenSSL's word for a certificate that can't be trusted; no later try changes that. */
function certificateCode(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" && /CERT|UNABLE_TO_(GET|VERIFY)/.test(code) ? code : undefined;
}

function describe(error: unknown, host: string): LocalizedText {
  const code = systemCodeOf(error) ?? "";
  if (code.includes("TIMEOUT")) return errorDetail("noAnswerInTime", host);
  const refusal = /^Proxy response \((\d+)\)/.exec(messageOf(error))?.[1];
  if (refusal !== undefined) return errorDetail("proxyRefused", host, refusal);
  return errorDetail("connectionFailed", host, code || messageOf(error));
}

/** A failure that may pass: the download tries again. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  readonly problem: LocalizedText;

  constructor(problem: LocalizedText, retryAfterMs?: number, cause?: unknown) {
    super(localize("en", problem), cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}
