import { setMaxListeners } from "node:events";
import { z } from "zod";
import { breakLongRuns } from "../harmony/sanitize.ts";
import { createError } from "../i18n/error-messages.ts";
import { requestServerJson } from "./http.ts";

const propsSchema = z.object({
  total_slots: z.int().min(1),
  build_info: z.string(),
  model_path: z.string().optional(),
  model_alias: z.string().nullish(),
  chat_template: z.string().optional().catch(undefined),
  default_generation_settings: z.object({ n_ctx: z.number() }),
});
const tokensSchema = z.object({ tokens: z.array(z.unknown()) });

/** What a llama-server says of itself. */
export interface ServerProps {
  readonly slots: number;
  /** llama.cpp's own words: `b6097-abc1234`. */
  readonly build: string;
  /** Tokens of one slot. */
  readonly contextSize: number;
  readonly modelPath: string | undefined;
  readonly alias: string | undefined;
  readonly chatTemplate: string;
}

export interface LlamaServerClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Makes the error that is thrown of what a request threw. */
  readonly explainError: (error: unknown, url: string) => unknown;
}

/** The routes of a llama-server beside its OpenAI-style API. Nothing has a time limit. */
export class LlamaServerClient {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly #explainError: LlamaServerClientOptions["explainError"];

  constructor({ url, apiKey, explainError }: LlamaServerClientOptions) {
    this.url = url;
    this.apiKey = apiKey;
    this.#explainError = explainError;
  }

  /** @throws GptOssError when the server is not a llama-server, and what `explainError` makes of any failure */
  async props(signal?: AbortSignal): Promise<ServerProps> {
    const props = await this.#read(propsSchema, "/props", undefined, signal);
    return {
      slots: props.total_slots,
      build: props.build_info,
      contextSize: props.default_generation_settings.n_ctx,
      modelPath: props.model_path,
      alias: props.model_alias ?? undefined,
      chatTemplate: props.chat_template ?? "",
    };
  }

  /** Everything that the server says of its models. */
  async models(signal?: AbortSignal): Promise<unknown> {
    return await this.#read(z.unknown(), "/v1/models", undefined, signal);
  }

  /** Counts the tokens of a text by the server's own vocabulary. */
  async countTokens(text: string, signal?: AbortSignal): Promise<number> {
    if (text === "") return 0;
    const { tokens } = await this.#read(tokensSchema, "/tokenize", { content: breakLongRuns(text) }, signal);
    return tokens.length;
  }

  async #read<Reply>(schema: z.ZodType<Reply>, path: string, body: unknown, signal?: AbortSignal): Promise<Reply> {
    // many requests at once listen to one signal, which is not a leak
    if (signal) setMaxListeners(Infinity, signal);
    const { url, apiKey } = this;
    let reply: unknown;
    try {
      reply = await requestServerJson({ baseUrl: url, apiKey, path, body, signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      // proxies answer in HTML
      if (!(error instanceof SyntaxError)) throw this.#explainError(error, url);
    }
    const parsed = schema.safeParse(reply);
    if (parsed.success) return parsed.data;
    throw createError("noLlamaServer", [url], { cause: parsed.error });
  }
}
