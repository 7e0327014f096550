import type { ChatOpenAICallOptions } from "@langchain/openai";
import type { Sampling } from "../../setup/model/catalogue.ts";
import type { Effort } from "../config/effort.ts";
import type { PromptProgress } from "./notice.ts";

/** An answer that was cut, to be gone on with. */
export interface ContinueFrom {
  readonly channel: "analysis" | "commentary" | "final";
  /** What stands there already; the answer that comes is what follows it. */
  readonly text: string;
  /** The thinking before it, when the channel is not analysis itself. */
  readonly analysis?: string;
}

/** What may be said anew with each call, by `invoke(input, options)` or `withConfig(options)`, on top of ChatOpenAI's own options. */
export interface ChatGptOssCallOptions extends ChatOpenAICallOptions {
  readonly effort?: Effort;
  /** Most tokens of the answer, thinking included. */
  readonly maxTokens?: number;
  readonly sampling?: Partial<Sampling>;
  /** `YYYY-MM-DD`, told to the model in place of today's; only servers with our own chat template take it. */
  readonly currentDate?: string;
  /** Goes on inside an answer; only servers with our own chat template can. */
  readonly continueFrom?: ContinueFrom;
  /** Puts the harmony messages, and what came raw, into `response_metadata.harmony`. */
  readonly harmony?: boolean;
  /** Told how far the server has read the prompt. */
  readonly onProgress?: (progress: PromptProgress) => void;
}
