import { GptOssError, messageOf, systemCodeOf } from "../../src/errors.ts";
import type { Environment } from "../folders.ts";
import { formatExactBytes } from "../format.ts";
import type { ModelEntry, ModelFile } from "./catalogue.ts";
import type { HttpClient, HttpResponse } from "./http-client.ts";
import { TransientError } from "./transient-error.ts";

const MOST_REDIRECTS = 5;

/** Where models come from: HF_ENDPOINT, else Hugging Face. No trailing slash. */
export function hubEndpoint(environment: Environment): string {
  return (environment["HF_ENDPOINT"] || "https://huggingface.co").replace(/\/+$/, "");
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
  readonly environment: Environment;
  readonly client: HttpClient;
  readonly signal?: AbortSignal | undefined;
}

/** A file's bytes, about to come. */
export interface OpenFile {
  /** 200 for the whole file, 206 for the rest from the offset that was asked for, 416 when there is no such rest. */
  readonly response: HttpResponse;
  /** The commit that was answered from. */
  readonly commit: string;
}

/**
 * Asks for a file from a byte offset on, through every redirect, and compares length and hash with the pinned ones before a
 * byte of it is read. The token goes to the hub's own host only. If the pinned revision is gone, `main` is tried: the hash
 * decides, not the revision.
 * @throws GptOssError `download-failed`, `download-corrupt` or `model-gated`; TransientError for what may pass
 */
export async function openFile(
  model: ModelEntry,
  file: ModelFile,
  offset: number,
  options: HubOptions,
): Promise<OpenFile> {
  const endpoint = hubEndpoint(options.environment);
  for (const revision of [model.source?.revision, "main"]) {
    const opened = await follow(new URL(hubFileUrl(model, file, endpoint, revision)), file, offset, options);
    if (opened !== "not found") return opened;
  }
  throw new GptOssError(
    "download-failed",
    `${endpoint} has no ${model.source?.repository ?? ""}/${file.name} (HTTP 404).`,
    {
      hint: "Check HF_ENDPOINT, and whether a newer version of this package knows a new address.",
    },
  );
}

async function follow(
  home: URL,
  file: ModelFile,
  offset: number,
  options: HubOptions,
): Promise<OpenFile | "not found"> {
  const token = options.environment["HF_TOKEN"];
  let url = home;
  let commit: string | undefined;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const headers = {
      ...(token && url.origin === home.origin && { authorization: `Bearer ${token}` }),
      ...(offset > 0 && { range: `bytes=${offset}-` }),
    };
    const response = await options.client.request(url.href, { headers, signal: options.signal });
    commit ??= response.header("x-repo-commit");
    const location = response.status >= 300 && response.status < 400 ? response.header("location") : undefined;
    try {
      if (response.status === 404 && hop === 0) return "not found";
      refuse(response, url, file, Boolean(token));
      compare(response, file);
      if (location === undefined) return { response, commit: commit ?? "main" };
    } finally {
      // whatever is not handed on is not read either
      if (response.status !== 200 && response.status !== 206) response.body.destroy();
    }
    url = new URL(location, url);
  }
  throw new GptOssError("download-failed", `${home.host} redirects in circles for ${file.name}.`, {
    hint: "Try again later, or check HF_ENDPOINT.",
  });
}

/** Turns a refusal into the sentence that helps; what may pass with time becomes a TransientError. */
function refuse({ status, header }: HttpResponse, url: URL, file: ModelFile, hasToken: boolean): void {
  // 416 answers an offset: the download decides what that means
  if (status < 400 || status === 416) return;
  if (status === 401 || status === 403) {
    throw new GptOssError(
      "model-gated",
      `${url.host} does not give ${file.name} out (HTTP ${status}): its repository is gated or private.`,
      {
        hint: hasToken
          ? "Accept the terms on the model's page with the account that HF_TOKEN belongs to."
          : "Accept the terms on the model's page, create a token there, and set HF_TOKEN to it.",
      },
    );
  }
  if (status === 429 || status >= 500) {
    throw new TransientError(`${url.host} answered HTTP ${status}`, retryAfterMs(header("retry-after")));
  }
  throw new GptOssError("download-failed", `${url.host} refused ${file.name} (HTTP ${status}).`, {
    hint: "Check HF_ENDPOINT and the network.",
  });
}

/** Hugging Face names length and SHA-256 of large files on its redirect; other servers at least say how long the body is. */
function compare(response: HttpResponse, file: ModelFile): void {
  const bytes =
    response.header("x-linked-size") ?? (response.status === 200 ? response.header("content-length") : undefined);
  if (bytes !== undefined && Number(bytes) !== file.bytes) {
    throw new GptOssError(
      "download-corrupt",
      `${file.name} has ${bytes} bytes there, but ${formatExactBytes(file.bytes)} were pinned: it is another file.`,
      {
        hint: "Update this package, or check HF_ENDPOINT.",
      },
    );
  }
  const hash = response.header("x-linked-etag")?.replaceAll('"', "").toLowerCase();
  if (hash !== undefined && /^[0-9a-f]{64}$/.test(hash) && hash !== file.sha256) {
    throw new GptOssError(
      "download-corrupt",
      `${file.name} has another SHA-256 there than the pinned one: it is another file.`,
      {
        hint: "Update this package, or check HF_ENDPOINT.",
      },
    );
  }
}

function retryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) ? Math.min(seconds, 300) * 1000 : undefined;
}

const NO_NETWORK = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"]);

/** What is said when every try failed. */
export function downloadFailed(file: ModelFile, thrown: unknown, keptBytes: number): GptOssError {
  const code = systemCodeOf(thrown);
  const reason =
    code !== undefined && NO_NETWORK.has(code) ? `the network does not reach it (${code})` : messageOf(thrown);
  const kept = keptBytes > 0 ? ` ${formatExactBytes(keptBytes)} are kept.` : "";
  return new GptOssError("download-failed", `${file.name} could not be downloaded: ${reason}.${kept}`, {
    hint: "Check the network (behind a proxy, set HTTPS_PROXY) and run setup again; it goes on where it stopped.",
    cause: thrown,
  });
}
