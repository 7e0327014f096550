import type { Readable } from "node:stream";
import { z } from "zod";
import { GptOssError, messageOf } from "../../src/errors/errors.ts";
import { createError, errorDetail } from "../../src/i18n/error-messages.ts";
import type { ModelFile } from "../../src/llama-server/model-catalogue.ts";
import { isSafeFileName } from "../../src/llama-server/model-record.ts";
import type { Environment } from "../../src/platform/folders.ts";
import { type HttpClient, type HttpResponse, TransientError } from "./http-client.ts";
import { hubEndpoint, hubHeaders, MOST_REDIRECTS, nextHop, refuse, tokenOf } from "./hub.ts";

/** A file of a repository. */
export interface ListedFile extends Omit<ModelFile, "sha256"> {
  /** Undefined for a file that git holds itself, which has no SHA-256. */
  readonly sha256: string | undefined;
}

export interface HubApiOptions {
  /** `OWNER/REPO`. */
  readonly repository: string;
  readonly environment: Environment;
  readonly client: HttpClient;
  readonly signal?: AbortSignal | undefined;
}

const revisionSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().optional(),
    lfs: z.object({ oid: z.string(), size: z.number() }).nullish(),
  }),
);
/** The Hub lists a thousand files a page. */
const MOST_PAGES = 100;
/** A page of the largest repositories has less than one. */
const MOST_BYTES = 32 * 2 ** 20;

/**
 * The commit that a branch, a tag or a commit stands for.
 * @throws GptOssError `model-gated` or `download-failed`
 */
export async function findCommit(revision: string, options: HubApiOptions): Promise<string> {
  const address = `${repositoryAddress(options)}/revision/${encodeURIComponent(revision)}`;
  return (await requestJson(address, revisionSchema, { ...options, revision })).value.sha;
}

/** All files of a repository at a commit. @throws as `findCommit` does */
export async function listHubFiles(commit: string, options: HubApiOptions): Promise<readonly ListedFile[]> {
  const files: ListedFile[] = [];
  let next: string | undefined = `${repositoryAddress(options)}/tree/${commit}?recursive=true`;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const answer: Answer<z.infer<typeof treeSchema>> = await requestJson(next, treeSchema, {
      ...options,
      revision: commit,
    });
    for (const { type, path, size = 0, lfs } of answer.value) {
      if (type !== "file" || !isSafeFileName(path)) continue;
      const sha256 = lfs && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : undefined;
      files.push({ name: path, bytes: lfs?.size ?? size, sha256 });
    }
    next = answer.next;
  }
  return files;
}

function repositoryAddress({ repository, environment }: HubApiOptions): string {
  return `${hubEndpoint(environment)}/api/models/${repository}`;
}

interface RequestOptions extends HubApiOptions {
  /** What was asked for, for the sentence that says it is missing. */
  readonly revision: string;
}

interface Answer<Value> {
  readonly value: Value;
  /** Address of the next page. */
  readonly next: string | undefined;
}

async function requestJson<Value>(
  address: string,
  schema: z.ZodType<Value>,
  options: RequestOptions,
): Promise<Answer<Value>> {
  const { host } = new URL(address);
  try {
    const response = await follow(new URL(address), options);
    const value = schema.parse(JSON.parse(await readText(response.body)));
    return { value, next: nextPage(response, new URL(address)) };
  } catch (error) {
    if (options.signal?.aborted) throw createError("interrupted", [errorDetail("askingHub", options.repository)]);
    if (GptOssError.isInstance(error)) throw error;
    if (error instanceof TransientError) throw createError("hubUnreachable", [host, error.problem], { cause: error });
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw createError("hubAnswerUnknown", [host, options.repository], { cause: error });
    }
    throw createError("hubUnreachable", [host, messageOf(error)], { cause: error });
  }
}

/** A repository that was renamed is redirected, within the Hub; the token goes nowhere else. */
async function follow(home: URL, options: RequestOptions): Promise<HttpResponse> {
  const { repository, revision, environment, client, signal } = options;
  let url = home;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await client.request(url.href, { headers: hubHeaders(url, home, environment), signal });
    const { status } = response;
    try {
      const hasToken = tokenOf(environment) !== undefined;
      // without a token the Hub says 401 of a repository that does not exist, too
      if (status === 404 || (status === 401 && !hasToken)) {
        throw createError("hubRepositoryMissing", [home.host, repository, revision, status]);
      }
      const modelPage = `${hubEndpoint(environment)}/${repository}`;
      refuse(response, { file: { name: repository }, host: url.host, modelPage, hasToken, fromHub: true });
      if (status < 300) return response;
      url = nextHop(response.header("location"), url);
      if (url.origin !== home.origin) throw createError("hubAnswerUnknown", [home.host, repository]);
      response.discard();
    } catch (error) {
      response.discard();
      throw error;
    }
  }
  throw createError("redirectedTooOften", [home.host, repository]);
}

async function readText(body: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new SyntaxError("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function nextPage(response: HttpResponse, home: URL): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.header("link") ?? "")?.[1];
  if (link === undefined || !URL.canParse(link, home.href)) return undefined;
  const next = new URL(link, home);
  return next.origin === home.origin ? next.href : undefined;
}
