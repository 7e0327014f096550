import { ChatOpenAI } from "@langchain/openai";
import type { Sampling } from "../../setup/model/catalogue.ts";
import type { Effort } from "../config/effort.ts";

export interface ChatGptOssFields {
  /** With its path: `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** The name sent to the server. */
  readonly model: string;
  readonly effort?: Effort | undefined;
  /** Most tokens of one answer, thinking included. */
  readonly maxTokens?: number | undefined;
  /** Left to the server when it is someone else's. */
  readonly sampling?: Sampling | undefined;
  /** `YYYY-MM-DD`, told to the model; fixed for a conversation, since another date makes the server read everything anew. */
  readonly currentDate?: string | undefined;
}

/** LangChain's ChatOpenAI, pointed at a server that runs gpt-oss. */
export class ChatGptOss extends ChatOpenAI {
  constructor({ baseUrl, apiKey, model, effort, maxTokens, sampling, currentDate }: ChatGptOssFields) {
    super({
      model,
      // the SDK insists on a key; a local server without one ignores it
      apiKey: apiKey ?? "none",
      // LangChain's six retries would take over a minute to say that a local server is gone
      maxRetries: 0,
      ...(maxTokens !== undefined && { maxTokens }),
      ...(sampling && { temperature: sampling.temperature, topP: sampling.topP }),
      modelKwargs: {
        ...(effort && { reasoning_effort: effort }),
        ...(sampling && { top_k: sampling.topK, min_p: sampling.minP, return_progress: true }),
        ...(currentDate && { chat_template_kwargs: { current_date: currentDate } }),
      },
      // llama-server closes its side after each stream; a request on the old connection just then would fail
      configuration: { baseURL: baseUrl, defaultHeaders: { connection: "close" } },
    });
  }
}
