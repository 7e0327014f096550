import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { z } from "zod";
import { GptOssError, systemCodeOf } from "../errors.ts";
import { neutralizeControlTokens } from "../harmony/neutralize.ts";

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
}

const countSchema = z.object({ input_tokens: z.number().int() });

/** llama-server's own count, by its own template and tokenizer: exact, and a few milliseconds. */
export class ServerTokenCounter implements TokenCounter {
  readonly #options: ServerTokenCounterOptions;

  constructor(options: ServerTokenCounterOptions) {
    this.#options = options;
  }

  /** @throws GptOssError `server-unreachable` or `model-failed` */
  async countMessages(messages: readonly BaseMessage[], tools: readonly unknown[] = []): Promise<number> {
    const { baseUrl, effort, currentDate } = this.#options;
    const reply = await this.#post(`${baseUrl}/chat/completions/input_tokens`, {
      messages: messages.map(toWire),
      ...(tools.length > 0 && { tools }),
      ...(effort !== undefined && { reasoning_effort: effort }),
      ...(currentDate !== undefined && { chat_template_kwargs: { current_date: currentDate } }),
    });
    const parsed = countSchema.safeParse(reply);
    if (parsed.success) return parsed.data.input_tokens;
    throw new GptOssError("model-failed", `The server at ${baseUrl} does not count tokens as llama-server does.`);
  }

  async #post(url: string, body: unknown): Promise<unknown> {
    const { apiKey, baseUrl } = this.#options;
    try {
      const response = await fetch(url, {
        method: "POST",
        // llama-server closes its side after a reply; see the model class
        headers: {
          "content-type": "application/json",
          connection: "close",
          authorization: `Bearer ${apiKey ?? "none"}`,
        },
        body: JSON.stringify(body),
      });
      return await response.json();
    } catch (error) {
      const code = systemCodeOf(error);
      throw new GptOssError(
        "server-unreachable",
        `The server at ${baseUrl} does not answer${code === undefined ? "" : ` (${code})`}.`,
        { hint: "Check that it runs and that OPENAI_BASE_URL is right.", cause: error },
      );
    }
  }
}

const ROLES: Readonly<Record<string, string>> = { human: "user", ai: "assistant", system: "system", tool: "tool" };

/** A message as it goes to the server, with the same care for control tokens, so that what is counted is what is sent. */
function toWire(message: BaseMessage): Record<string, unknown> {
  const reasoning = message.additional_kwargs["reasoning_content"];
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return {
    role: ROLES[message.type] ?? "user",
    content: neutralizeControlTokens(message.text),
    ...(calls.length > 0 && {
      ...(typeof reasoning === "string" && { reasoning_content: neutralizeControlTokens(reasoning) }),
      tool_calls: calls.map(({ id, name, args }) => ({
        id,
        type: "function",
        function: { name, arguments: neutralizeControlTokens(JSON.stringify(args)) },
      })),
    }),
    ...(ToolMessage.isInstance(message) && { tool_call_id: message.tool_call_id }),
  };
}
