import type { ChatOpenAICallOptions } from "@langchain/openai";
import type { Effort } from "../config/effort.ts";
import type { PromptProgress } from "../inference/answer-part.ts";
import type { ResumePoint } from "../inference/inference-request.ts";
import type { Sampling } from "../llama-server/model-catalogue.ts";

/** The options of a call, by `invoke(input, options)` or `withConfig(options)`, beyond ChatOpenAI's own. */
export interface ChatGptOssCallOptions extends ChatOpenAICallOptions {
  readonly effort?: Effort;
  /** Most tokens of the answer, thinking included. */
  readonly maxTokens?: number;
  readonly sampling?: Partial<Sampling>;
  /** `YYYY-MM-DD`, told to the model in place of today's; only servers with our own chat template take it. */
  readonly currentDate?: string;
  /** Goes on inside an answer; only servers with our own chat template can. */
  readonly resumeFrom?: ResumePoint;
  /** Puts the harmony messages, and what came raw, into `response_metadata.harmony`. */
  readonly harmony?: boolean;
  /** Told how far the server has read the prompt. */
  readonly onProgress?: (progress: PromptProgress) => void;
}

/** Call options of OpenAI's Responses API, which no local server of gpt-oss has. */
const RESPONSES_OPTIONS = ["previous_response_id", "truncation", "text", "include"] as const;

/** A tool as `bindTools` and the call options take it. */
export type OfferableTool = NonNullable<ChatGptOssCallOptions["tools"]>[number];

/** Whether a tool is a function, which any server can offer; `web_search` and its like run at OpenAI alone. */
export function isFunctionTool(tool: OfferableTool): boolean {
  return nameOfForeignTool(tool) === undefined;
}

/** Names of what a call asks for and no server of gpt-oss can do. */
export function ignoredIn(call: ChatGptOssCallOptions): string[] {
  const options = call as Readonly<Record<string, unknown>>;
  const named = RESPONSES_OPTIONS.filter((name) => options[name] !== undefined && options[name] !== null);
  return [...named, ...(call.tools ?? []).flatMap((tool) => nameOfForeignTool(tool) ?? [])];
}

function nameOfForeignTool(tool: OfferableTool): string | undefined {
  const { type, name, metadata } = tool as {
    readonly type?: unknown;
    readonly name?: unknown;
    readonly metadata?: unknown;
  };
  if (typeof metadata === "object" && metadata !== null && "customTool" in metadata) return String(name);
  return typeof type === "string" && type !== "function" && !("schema" in tool) ? type : undefined;
}
