import { failed } from "../../src/failures/failure.ts";
import type { Environment } from "../folders.ts";
import type { ModelEntry, ModelFile } from "./catalogue.ts";
import type { HttpClient, HttpResponse } from "./http-client.ts";
import { compareWithPinned, refuse } from "./hub-refusal.ts";

const MOST_REDIRECTS = 5;

/**
 * Where models come from: HF_ENDPOINT, else Hugging Face. No trailing slash.
 * @throws GptOssError `usage` when HF_ENDPOINT is no http or https address
 */
export function hubEndpoint(environment: Environment): string {
  const endpoint = (environment["HF_ENDPOINT"]?.trim() || "https://huggingface.co").replace(/\/+$/, "");
  if (URL.canParse(endpoint) && /^https?:/i.test(endpoint)) return endpoint;
  throw failed("badHubAddress", [endpoint]);
}

/** Address of one file of a model at its pinned revision. */
export function hubFileUrl(
  { source }: ModelEntry,
  file: ModelFile,
  endpoint: string,
  revision = source?.revision,
): string {
  return `${endpoint}/${source?.repository ?? ""}/resolve/${revision ?? "main"}/${file.name}`;
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
  throw failed("notOnHub", [endpoint, `${model.source?.repository ?? ""}/${file.name}`]);
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
  throw failed("redirectedTooOften", [home.host, file.name]);
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
function nextHop(location: string | undefined, url: URL): URL {
  if (location === undefined || !URL.canParse(location, url.href)) throw failed("redirectNowhere", [url.host]);
  const next = new URL(location, url);
  const allowed = url.protocol === "https:" ? ["https:"] : ["https:", "http:"];
  if (!allowed.includes(next.protocol)) throw failed("redirectUnencrypted", [url.host, next.host]);
  return next;
}

function headersFor(url: URL, home: URL, offset: number, { environment }: HubOptions): Record<string, string> {
  const token = tokenOf(environment);
  return {
    "user-agent": "langchain-gpt-oss",
    "accept-encoding": "identity",
    ...(token !== undefined && url.origin === home.origin && { authorization: `Bearer ${token}` }),
    ...(offset > 0 && { range: `bytes=${offset}-` }),
  };
}

function tokenOf(environment: Environment): string | undefined {
  return environment["HF_TOKEN"]?.trim() || undefined;
}

/** The commit becomes the name of a folder, so only what looks like one is taken. */
function commitOf(response: HttpResponse): string | undefined {
  const commit = response.header("x-repo-commit");
  return commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}
