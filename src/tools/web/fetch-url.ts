import { z } from "zod";
import { messageOf } from "../../errors/errors.ts";
import { runInWorker } from "../../platform/run-in-worker.ts";
import type { ApprovalGate } from "../approval.ts";
import { type AgentTool, createTool } from "../define-tool.ts";
import { RESULT_BYTES, ToolError, ToolRefusal, cutToBudget } from "../tool-result.ts";
import { type Network, publicDispatcher } from "./public-network.ts";
import { type Agent, fetch } from "../../vendor/undici.ts";

const TIME_LIMIT_MS = 20_000;
const MOST_BYTES = 2_000_000;
const MOST_REDIRECTS = 5;
/** Room for what neutralizing control tokens adds. */
const NOTE_BYTES = 512;

/** Fetches a public page as text, once a person has said yes to its host: an address can carry out what stands in the conversation. */
export function fetchUrlTool(gate: ApprovalGate, network?: Network, timeLimit = TIME_LIMIT_MS): AgentTool {
  return createTool({
    name: "fetch_url",
    description: "Fetches a page of the public internet as text. The user is asked and may refuse.",
    schema: z.object({ url: z.string().describe("with https://") }),
    async run({ url }, signal) {
      const dispatcher = publicDispatcher(network);
      try {
        return await follow(checkUrl(url), { gate, signal, dispatcher, timeLimit });
      } finally {
        await dispatcher.destroy();
      }
    },
  });
}

interface PageRequest {
  readonly gate: ApprovalGate;
  readonly signal: AbortSignal | undefined;
  readonly dispatcher: Agent;
  /** Milliseconds of one request. */
  readonly timeLimit: number;
}

/** What one request brought: a page, or where to go on. */
type Page = { readonly text: string } | { readonly location: string };

/** Each step of a redirect is checked and asked for like the first. */
async function follow(start: URL, { gate, ...request }: PageRequest): Promise<string> {
  let url = start;
  for (let step = 0; step <= MOST_REDIRECTS; step++) {
    const allowed = await gate({
      tool: "fetch_url",
      // the host as it is asked for: letters that look like others stand in it as xn--…
      question: { en: `Fetch ${url.href}?`, ja: `${url.href} を取得しますか？` },
      scope: `fetch_url ${url.host}`,
      signal: request.signal,
    });
    if (!allowed) throw new ToolRefusal("The user refused. Nothing was fetched.");
    const page = await fetchPage(url, request);
    if ("text" in page) return page.text;
    url = checkUrl(page.location, url);
  }
  throw new ToolError(`There were more than ${MOST_REDIRECTS} redirects.`);
}

/** The time runs from here on: as long as a person thinks about it, nobody waits for the page. */
async function fetchPage(url: URL, { signal, dispatcher, timeLimit }: Omit<PageRequest, "gate">): Promise<Page> {
  const limit = AbortSignal.timeout(timeLimit);
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    const response = await fetch(url, {
      dispatcher,
      redirect: "manual",
      signal: both,
      headers: { accept: "text/html, text/*, application/json;q=0.9", "user-agent": "langchain-gpt-oss" },
    });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      return { location };
    }
    const heading = `[${response.status} ${url.href}]`;
    const text = await pageText(await readBody(response.body), response.headers.get("content-type") ?? "", {
      bytes: Math.max(NOTE_BYTES, RESULT_BYTES - Buffer.byteLength(heading) - NOTE_BYTES),
      timeLimitMs: timeLimit,
      signal: both,
    });
    return { text: `${heading}\n${text}` };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw explain(error, limit.aborted ? timeLimit : undefined);
  }
}

function checkUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new ToolError("This is no address; it has to begin with https://.");
  const url = new URL(text, base?.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new ToolError("Only addresses with https:// or http:// can be fetched.");
  }
  if (url.username !== "" || url.password !== "") throw new ToolError("An address may not hold a password.");
  if (url.port !== "") throw new ToolError("Only the ordinary ports of http and https can be fetched from.");
  return url;
}

async function readBody(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body ?? []) {
    total += chunk.length;
    if (total > MOST_BYTES) throw new ToolError(`The page has more than ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * fetch hides what went wrong in the cause.
 * @param passed milliseconds, when they were too many
 */
function explain(error: unknown, passed: number | undefined): unknown {
  if (error instanceof ToolError) return error;
  if (passed !== undefined) return new ToolError(`The page was not read within ${passed / 1_000} seconds.`);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof ToolError ? cause : new ToolError(`The page could not be fetched: ${messageOf(cause)}.`);
}

export interface PageLimits {
  /** UTF-8, of the text. */
  readonly bytes: number;
  /** Milliseconds to convert a page. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The readable text of what a server has sent, cut with a note. @throws ToolError for what is no text, or can't be converted */
export async function pageText(body: Uint8Array, contentType: string, limits: PageLimits): Promise<string> {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1];
  if (type === "text/html" || type === "application/xhtml+xml") {
    return await htmlText(decode(body, charset ?? declaredCharset(body)), limits);
  }
  if (type.startsWith("text/") || /^application\/([\w.-]+\+)?(json|xml)$/.test(type)) {
    return cutToBudget(decode(body, charset), limits.bytes);
  }
  throw new ToolError(`This is ${type || "of no known type"} and no text.`);
}

/** HTML can take minutes and any memory to convert (deep nesting, wide tables), so a thread does it that can be ended. */
async function htmlText(html: string, { bytes, timeLimitMs, signal }: PageLimits): Promise<string> {
  try {
    const text = await runInWorker("src/tools/web/html-text.worker.ts", { html, bytes }, { timeLimitMs, signal });
    return z.string().parse(text);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ToolError("The page is too large or too complicated to be read as text.", { cause: error });
  }
}

/** What a page says of itself in its first bytes. */
function declaredCharset(body: Uint8Array): string | undefined {
  const beginning = new TextDecoder("latin1").decode(body.subarray(0, 1_024));
  return /<meta[^>]+charset=["']?([\w-]+)/i.exec(beginning)?.[1];
}

function decode(body: Uint8Array, charset = "utf-8"): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body); // an encoding that nobody knows
  }
}
