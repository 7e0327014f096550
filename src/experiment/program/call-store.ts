import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { systemCodeOf } from "../../errors/errors.ts";
import { explainRequestError } from "../../inference/request-error.ts";
import { sendServerRequest } from "../../llama-server/http.ts";
import { ServerError } from "../../llama-server/server-report.ts";
import type { Mode } from "../plan/cell.ts";
import { retryUnreachable } from "../run/ask-cells.ts";
import type { Target } from "../run/target.ts";
import type { CallResponse } from "./program.ts";

const lineSchema = z.object({
  version: z.literal(1),
  key: z.string(),
  contentType: z.string(),
  text: z.string(),
});

/** The responses to the model's calls in programs, in `OUT/EXPERIMENT/calls.jsonl`. A program that runs again pays for new calls only. */
export class CallStore {
  readonly #path: string;
  readonly #known: Map<string, CallResponse>;

  private constructor(path: string, known: Map<string, CallResponse>) {
    this.#path = path;
    this.#known = known;
  }

  /** @param options.fresh nothing that was stored before counts as known */
  static async open(
    path: string,
    { fresh = false }: { readonly fresh?: boolean | undefined } = {},
  ): Promise<CallStore> {
    return new CallStore(path, fresh ? new Map() : await readCalls(path));
  }

  responseTo(key: string): CallResponse | undefined {
    return this.#known.get(key);
  }

  async append(key: string, response: CallResponse): Promise<void> {
    this.#known.set(key, response);
    const { contentType, text } = response;
    // an empty line after an incomplete one is harmless
    await appendFile(this.#path, `${JSON.stringify({ version: 1, key, contentType, text })}\n`);
  }
}

async function readCalls(path: string): Promise<Map<string, CallResponse>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return new Map();
    throw error;
  }
  // the next line must not be appended to an incomplete one
  if (text !== "" && !text.endsWith("\n")) await appendFile(path, "\n");
  return new Map(text.split("\n").flatMap((line) => readCall(line)));
}

function readCall(line: string): readonly (readonly [string, CallResponse])[] {
  if (line === "") return [];
  try {
    const { key, contentType, text } = lineSchema.parse(JSON.parse(line));
    return [[key, { status: 200, contentType, text }]];
  } catch {
    // an incomplete line: the call is repeated
    return [];
  }
}

export interface SendOptions {
  readonly target: Target;
  readonly store: CallStore;
  readonly mode: Mode;
  readonly signal: AbortSignal;
}

/**
 * Answers one request of a program's model: from the store, or by the server.
 * @throws GptOssError `server-unreachable` when the server is gone
 */
export async function sendCall(body: string, { target, store, mode, signal }: SendOptions): Promise<CallResponse> {
  const request = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const sent = mode === "exact" ? { ...request, cache_prompt: false } : request;
  const key = createHash("sha256")
    .update(JSON.stringify([sent, target.model.hash, target.build, mode]))
    .digest("hex");
  const known = store.responseTo(key);
  if (known) return known;
  const response = await retryUnreachable(() => sendOnce(sent, target, signal), { target, signal });
  if (response.status === 200) await store.append(key, response);
  return response;
}

async function sendOnce(body: unknown, { client, inference }: Target, signal: AbortSignal): Promise<CallResponse> {
  const { apiKey } = client;
  try {
    const address = { baseUrl: inference.baseUrl, apiKey, path: "chat/completions" };
    const response = await sendServerRequest({ ...address, body, signal });
    const contentType = response.headers.get("content-type") ?? "application/json";
    return { status: 200, contentType, text: await response.text() };
  } catch (error) {
    if (error instanceof ServerError) {
      const { status = 500, message } = error;
      const text = JSON.stringify({ error: { code: status, message, type: "server_error" } });
      return { status, contentType: "application/json", text };
    }
    throw explainRequestError(error, inference.baseUrl);
  }
}
