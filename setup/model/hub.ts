import { type GptOssError, systemCodeOf } from "../../src/errors/errors.ts";
import { createError, errorDetail } from "../../src/i18n/error-messages.ts";
import type { ModelEntry, ModelFile } from "../../src/llama-server/model-catalogue.ts";
import type { Environment } from "../../src/platform/folders.ts";
import { exactBytes, formatBytes } from "../../src/terminal/format.ts";
import { type HttpClient, type HttpResponse, TransientError } from "./http-client.ts";

export const MOST_REDIRECTS = 5;

/**
 * Where models come from: HF_ENDPOINT, else Hugging Face. No trailing slash.
 * @throws GptOssError `usage` when HF_ENDPOINT is no http or https address
 */
export function hubEndpoint(environment: Environment): string {
  const endpoint = (environment["HF_ENDPOINT"]?.trim() || "https://huggingface.co").replace(/\/+$/, "");
  if (URL.canParse(endpoint) && /^https?:/i.test(endpoint)) return endpoint;
  throw createError("badHubAddress", [endpoint]);
}

/** Address of one file of a model at its pinned revision. */
export function hubFileUrl(
  { source }: Pick<ModelEntry, "source">,
  file: ModelFile,
  endpoint: string,
  revision = source?.revision,
): string {
  return `${endpoint}/${source?.repository ?? ""}/resolve/${revision ?? "main"}/${file.name.split("/").map(encodeURIComponent).join("/")}`;
}

export interface HubOptions {
  readonly model: ModelEntry;
  readonly file: ModelFile;
  readonly environment: Environment;
  readonly client: HttpClient;
  readonly signal?: AbortSignal | undefined;
}

/** A file's bytes, about to come. */
export interface OpenFile {
  /** 200 for the whole file, 206 for the rest from the offset that was asked for, 416 when there is no such rest. */
  readonly response: HttpResponse;
  /** The commit that the hub answered from, where it says so. */
  readonly commit: string | undefined;
  /** Of the last redirect. */
  readonly host: string;
}

/**
 * Asks for a file from a byte offset on, through every redirect, and compares length and hash with the pinned ones before a
 * byte of it is read. The token goes to the hub's own origin only. If the pinned revision is gone, `main` is tried: the hash
 * decides, not the revision.
 * @throws GptOssError `download-failed`, `download-corrupt` or `model-gated`; TransientError for what may pass
 */
export async function openFile(offset: number, options: HubOptions): Promise<OpenFile> {
  const { model, file, environment } = options;
  const endpoint = hubEndpoint(environment);
  for (const revision of [model.source?.revision, "main"]) {
    const opened = await follow(new URL(hubFileUrl(model, file, endpoint, revision)), offset, options);
    if (opened !== "not found") return opened;
  }
  throw createError("notOnHub", [endpoint, `${model.source?.repository ?? ""}/${file.name}`]);
}

async function follow(home: URL, offset: number, options: HubOptions): Promise<OpenFile | "not found"> {
  const { file, signal } = options;
  let url = home;
  let commit: string | undefined;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await options.client.request(url.href, {
      headers: headersFor(url, home, offset, options),
      signal,
    });
    commit ??= commitOf(response);
    const found = judge(response, { url, home, options });
    if (found === "bytes") return { response, commit, host: url.host };
    // what is not handed on is not read either
    response.discard();
    if (found === "not found") return found;
    url = found;
  }
  throw createError("redirectedTooOften", [home.host, file.name]);
}

interface Hop {
  readonly url: URL;
  readonly home: URL;
  readonly options: HubOptions;
}

/** What an answer is: the bytes, the address of the next hop, or nothing at this revision. */
function judge(response: HttpResponse, { url, home, options }: Hop): "bytes" | "not found" | URL {
  const { model, file, environment } = options;
  const fromHub = url.origin === home.origin;
  if (response.status === 404 && fromHub) return "not found";
  try {
    refuse(response, {
      file,
      host: url.host,
      modelPage: `${hubEndpoint(environment)}/${model.source?.repository ?? ""}`,
      hasToken: tokenOf(environment) !== undefined,
      fromHub,
    });
    compareWithPinned(response, file);
    if (response.status < 300 || response.status >= 400) return "bytes";
    return nextHop(response.header("location"), url);
  } catch (error) {
    response.discard();
    throw error;
  }
}

/** An encrypted way stays encrypted: a redirect from https to http is refused. */
export function nextHop(location: string | undefined, url: URL): URL {
  if (location === undefined || !URL.canParse(location, url.href)) throw createError("redirectNowhere", [url.host]);
  const next = new URL(location, url);
  const allowed = url.protocol === "https:" ? ["https:"] : ["https:", "http:"];
  if (!allowed.includes(next.protocol)) throw createError("redirectUnencrypted", [url.host, next.host]);
  return next;
}

function headersFor(url: URL, home: URL, offset: number, { environment }: HubOptions): Record<string, string> {
  return { ...hubHeaders(url, home, environment), ...(offset > 0 && { range: `bytes=${offset}-` }) };
}

/** Headers of any request on the way from an address of the Hub; the token goes to the Hub's own origin only. */
export function hubHeaders(url: URL, home: URL, environment: Environment): Record<string, string> {
  const token = tokenOf(environment);
  return {
    "user-agent": "langchain-gpt-oss",
    "accept-encoding": "identity",
    ...(token !== undefined && url.origin === home.origin && { authorization: `Bearer ${token}` }),
  };
}

export function tokenOf(environment: Environment): string | undefined {
  return environment["HF_TOKEN"]?.trim() || undefined;
}

/** The commit becomes the name of a folder, so only what looks like one is taken. */
function commitOf(response: HttpResponse): string | undefined {
  const commit = response.header("x-repo-commit");
  return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}

export interface Refusable {
  /** What was asked for. */
  readonly file: Pick<ModelFile, "name">;
  /** Who answered: "huggingface.co". */
  readonly host: string;
  /** Address of the page where a model's terms are accepted. */
  readonly modelPage: string;
  readonly hasToken: boolean;
  /** True for an answer of the hub itself, false for one of the storage that it redirects to. */
  readonly fromHub: boolean;
}

/** Turns a refusal into the sentence that helps; what may pass with time becomes a TransientError. */
export function refuse(response: HttpResponse, request: Refusable): void {
  const { status } = response;
  if (isWebPage(response)) throw new TransientError(errorDetail("webPage", request.host));
  // 416 answers an offset: the download decides what that means
  if (status < 400 || status === 416) return;
  const { file, host, fromHub } = request;
  if (status === 401 || status === 403) {
    if (fromHub) throw gated(status, request);
    // the signed address has run out; the next try asks the hub for a new one
    throw new TransientError(errorDetail("oldSignature", host, status));
  }
  if (status === 408 || status === 429 || status >= 500) {
    const problem = errorDetail(status === 429 ? "slowDown" : "hostInTrouble", host, status);
    throw new TransientError(problem, requestedWaitMs(response));
  }
  throw createError("downloadRefused", [host, file.name, status]);
}

/** A network that requires a login answers every request with its own page. */
function isWebPage(response: HttpResponse): boolean {
  const isAnswer = response.status >= 200 && response.status < 300;
  return isAnswer && /^\s*(?:text\/html|application\/xhtml)/i.test(response.header("content-type") ?? "");
}

function gated(status: number, { file, host, modelPage, hasToken }: Refusable): GptOssError {
  return createError(hasToken ? "gatedForToken" : "gated", [host, file.name, status, modelPage]);
}

/** Hugging Face names length and SHA-256 of large files on its redirect; other servers at least say how long the body is. */
export function compareWithPinned(response: HttpResponse, file: ModelFile): void {
  const linked = response.header("x-linked-size");
  const bytes = linked ?? (response.status === 200 ? response.header("content-length") : undefined);
  if (bytes !== undefined && Number(bytes) !== file.bytes) throw anotherLength(file, Number(bytes));
  const hash = /[0-9a-f]{64}/i.exec(response.header("x-linked-etag") ?? "")?.[0].toLowerCase();
  if (hash !== undefined && hash !== file.sha256) throw createError("otherHash", [file.name, hash, file.sha256]);
}

export function anotherLength(file: ModelFile, bytes: number): GptOssError {
  return createError("otherLength", [file.name, exactBytes(bytes), exactBytes(file.bytes)]);
}

const NO_NETWORK = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"]);

export interface LostDownload {
  readonly file: ModelFile;
  readonly keptBytes: number;
  /** Where the file could be fetched from by hand, and where it would have to be put. */
  readonly address: string;
  readonly target: string;
}

/** What is said when every try failed. */
export function downloadError(
  failure: TransientError,
  { file, keptBytes, address, target }: LostDownload,
): GptOssError {
  const because =
    keptBytes > 0
      ? errorDetail("kept", failure.problem, formatBytes(keptBytes), formatBytes(file.bytes))
      : failure.problem;
  return NO_NETWORK.has(systemCodeOf(failure) ?? "")
    ? createError("downloadOffline", [file.name, because, address, target], { cause: failure })
    : createError("downloadError", [file.name, because], { cause: failure });
}

/** A server that asks for more is asked again after this long. */
const LONGEST_WAIT_MS = 300_000;
/** In `X-RateLimit-Reset`, a number above this is a moment and not a span. */
const FIRST_MOMENT = 1e9;
const MILLISECONDS_FROM = 1e12;

/**
 * How long a server asks to wait, in milliseconds, at most five minutes. `Retry-After` counts first; then the headers of
 * rate limits in the forms of the IETF drafts (`RateLimit: "api";r=0;t=40`, `RateLimit: limit=9, remaining=0, reset=40`,
 * `RateLimit-Reset: 40`) and those that came before them.
 */
export function requestedWaitMs(response: Pick<HttpResponse, "header">, now = Date.now()): number | undefined {
  const wait =
    retryAfter(response, now) ??
    largest([
      ...limitsThatAreUsedUp(response.header("ratelimit") ?? ""),
      secondsOf(response.header("ratelimit-reset"), now),
      secondsOf(response.header("x-ratelimit-reset-after"), now),
      secondsOf(response.header("x-ratelimit-reset"), now),
    ]);
  return wait === undefined ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

function retryAfter({ header }: Pick<HttpResponse, "header">, now: number): number | undefined {
  const milliseconds = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(header("retry-after-ms") ?? "")?.[1];
  if (milliseconds !== undefined) return Number(milliseconds);
  const value = header("retry-after");
  return secondsOf(value, now) ?? dateOf(value, now);
}

/** The spans after which a limit begins again, of those limits that allow nothing more; milliseconds. */
function limitsThatAreUsedUp(header: string): readonly number[] {
  // the older draft writes one limit with commas: limit=9, remaining=0, reset=40
  const limits = /(?:^|[,;\s])reset=/i.test(header) ? [header.replaceAll(",", ";")] : header.split(",");
  return limits.flatMap((limit) => {
    const left = /(?:^|[;\s])(?:r|remaining)=(\d+)/i.exec(limit)?.[1];
    const span = /(?:^|[;\s])(?:t|reset)=(\d+(?:\.\d+)?)/i.exec(limit)?.[1];
    return span === undefined || (left !== undefined && Number(left) > 0) ? [] : [Number(span) * 1_000];
  });
}

/** Seconds, or the seconds or milliseconds of a moment since 1970; @returns milliseconds from now */
function secondsOf(value: string | undefined, now: number): number | undefined {
  const number = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(value ?? "")?.[1];
  if (number === undefined) return undefined;
  const amount = Number(number);
  if (amount >= MILLISECONDS_FROM) return amount - now;
  return amount >= FIRST_MOMENT ? amount * 1_000 - now : amount * 1_000;
}

function dateOf(value: string | undefined, now: number): number | undefined {
  const moment = Date.parse(value ?? "");
  return Number.isNaN(moment) ? undefined : moment - now;
}

function largest(spans: readonly (number | undefined)[]): number | undefined {
  const known = spans.filter((span) => span !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
