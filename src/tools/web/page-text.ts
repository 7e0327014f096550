import { z } from "zod";
import { runInWorker } from "../../platform/run-in-worker.ts";
import { cutToBudget } from "../budget.ts";
import { ToolFailure } from "../failure.ts";

export interface PageLimits {
  /** UTF-8, of the text. */
  readonly bytes: number;
  /** Milliseconds to convert a page. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The readable text of what a server has sent, cut with a note. @throws ToolFailure for what is no text, or can't be converted */
export async function pageText(body: Uint8Array, contentType: string, limits: PageLimits): Promise<string> {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1];
  if (type === "text/html" || type === "application/xhtml+xml") {
    return await htmlText(decode(body, charset ?? declaredCharset(body)), limits);
  }
  if (type.startsWith("text/") || /^application\/([\w.-]+\+)?(json|xml)$/.test(type)) {
    return cutToBudget(decode(body, charset), limits.bytes);
  }
  throw new ToolFailure(`This is ${type || "of no known type"} and no text.`);
}

/** HTML can take minutes and any memory to convert (deep nesting, wide tables), so a thread does it that can be ended. */
async function htmlText(html: string, { bytes, timeLimitMs, signal }: PageLimits): Promise<string> {
  try {
    const text = await runInWorker("src/tools/web/html-text.worker.ts", { html, bytes }, { timeLimitMs, signal });
    return z.string().parse(text);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ToolFailure("The page is too large or too complicated to be read as text.", { cause: error });
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
