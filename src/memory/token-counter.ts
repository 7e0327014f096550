import type { BaseMessage } from "@langchain/core/messages";
import { z } from "zod";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { nativeToolSchema, OfferedNativeTools } from "../inference/native-tools.ts";
import { wireMessages } from "../inference/wire-messages.ts";
import { toChatMessages } from "../model/chat-messages.ts";
import type { ServerCapabilities } from "../inference/capabilities.ts";
import { requestServerJson } from "../llama-server/http.ts";
import { ServerError } from "../llama-server/server-report.ts";

/** Says how many tokens the server would read for a conversation. */
export interface TokenCounter {
  /**
   * Counts the prompt that these messages make.
   * @param tools as they go over the wire, in OpenAI's form
   */
  countMessages(messages: readonly BaseMessage[], tools?: readonly unknown[]): Promise<number>;
}

/** Which server counts, and for which prompt. */
export interface ServerTokenCounterOptions {
  /** With its path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** What else the requests say that the chat template writes into the prompt. */
  readonly effort?: string | undefined;
  readonly currentDate?: string | undefined;
  /** What is known of the server, which decides how calls and their thinking are written; by default it is one that we start. */
  readonly capabilities?: ServerCapabilities | undefined;
  /** Waits until a server that is being started again can be asked. */
  readonly ready?: (() => Promise<void>) | undefined;
}

const OWN_SERVER: ServerCapabilities = { mode: "raw", isLlamaServer: true, hasOwnTemplate: true };
/** A tool in OpenAI's form; anything but a function is counted as it is. */
const offeredToolSchema = z.looseObject({
  function: z.looseObject({ name: z.string() }).optional().catch(undefined),
  native: nativeToolSchema.optional().catch(undefined),
});
const countSchema = z.object({ input_tokens: z.number().int() });

/** llama-server's own count, by its own template and tokenizer: exact, and a few milliseconds. */
export class ServerTokenCounter implements TokenCounter {
  readonly #options: ServerTokenCounterOptions;

  constructor(options: ServerTokenCounterOptions) {
    this.#options = options;
  }

  /** @throws GptOssError `server-unreachable` or `model-failed` */
  async countMessages(messages: readonly BaseMessage[], tools: readonly unknown[] = []): Promise<number> {
    const { baseUrl, effort, currentDate, capabilities = OWN_SERVER } = this.#options;
    const offered = tools.map((tool) => offeredToolSchema.parse(tool));
    const nativeTools = new OfferedNativeTools(
      offered.map((tool) => ({ name: tool.function?.name ?? "", native: tool.native })),
      capabilities,
    );
    const isNative = new Set(nativeTools.tools.map(({ name }) => name));
    const functions = offered.flatMap((tool) =>
      isNative.has(tool.function?.name ?? "") ? [] : [{ ...tool, native: undefined }],
    );
    const fields = { ...nativeTools.templateFields, ...(currentDate !== undefined && { current_date: currentDate }) };
    const reply = await this.#post("chat/completions/input_tokens", {
      // what is counted is what is sent
      messages: wireMessages(toChatMessages(messages), { capabilities, nativeTools }),
      ...(functions.length > 0 && { tools: sanitizeControlTokensIn(functions) }),
      ...(effort !== undefined && { reasoning_effort: effort }),
      ...(Object.keys(fields).length > 0 && { chat_template_kwargs: sanitizeControlTokensIn(fields) }),
    });
    const parsed = countSchema.safeParse(reply);
    if (parsed.success) return parsed.data.input_tokens;
    throw createError("countsOtherwise", [baseUrl]);
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const { apiKey, baseUrl, ready } = this.#options;
    await ready?.();
    try {
      return await requestServerJson({ baseUrl, apiKey, path, body });
    } catch (error) {
      // a server without this route, or one that refuses the conversation
      if (error instanceof ServerError) return undefined;
      const code = systemCodeOf(error);
      throw createError("unreachable", [baseUrl, code ?? ""], { cause: error });
    }
  }
}
