import { ContextOverflowError } from "@langchain/core/errors";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { ServerReport } from "./server-report.ts";

/** LangChain's error for a conversation that is longer than the server's context, with the numbers. */
export class ConversationTooLongError extends ContextOverflowError {
  /** Tokens of the conversation; undefined when the server does not say. */
  readonly promptTokens: number | undefined;
  /** Tokens of the server's context. */
  readonly contextSize: number | undefined;
  /** The answer as far as it came, where the context overflowed in the middle of it. */
  partialOutput?: AIMessageChunk;

  constructor(promptTokens: number | undefined, contextSize: number | undefined, cause: unknown) {
    super(sentence(promptTokens, contextSize));
    this.promptTokens = promptTokens;
    this.contextSize = contextSize;
    if (cause instanceof Error) this.cause = cause;
  }
}

function sentence(promptTokens: number | undefined, contextSize: number | undefined): string {
  if (promptTokens !== undefined && contextSize !== undefined) {
    return `The conversation has ${promptTokens} tokens, and the server's context has ${contextSize}.`;
  }
  return `The conversation does not fit into the server's context${contextSize === undefined ? "" : ` of ${contextSize} tokens`}.`;
}

/** The names that servers give to the error: llama-server, OpenAI, LiteLLM. */
const KINDS =
  /exceed_context_size|context_(?:length|window|size)_exceeded|context_?window_?exceeded|model_max_prompt_tokens_exceeded/i;

/** And their sentences, where they have no name for it. */
const SENTENCES = [
  // OpenAI, vLLM, OpenRouter, SGLang
  /maximum context length|maximum model length|model's context length|context length is only/i,
  /exceeds? the (?:model's |available |maximum |configured )*(?:context|limit)\b|longer than the (?:model's |maximum )*(?:context|model)/i,
  /too long to fit into the model|tokens exceed the configured limit/i,
  // llama.cpp, Ollama, LM Studio
  /context (?:size|length|window)(?: \([^)]*\))? (?:has been |is |was )?exceeded|exceed(?:s|ed|ing)? (?:the )?context (?:size|length|window)/i,
  /context the overflows|context overflow|n_keep\b.*\bn_ctx|reached context length|greater than the context (?:length|size|window)/i,
  /loaded with (?:a )?context length/i,
  // TGI, TabbyAPI, Anthropic, Google, Mistral
  /`?inputs`? tokens \+ `?max_new_tokens`? must be|`?inputs`? must have less than/i,
  /greater than max_seq_len|prompt is too long|input is too long|input token count .*exceeds/i,
  /too large for model with .*context/i,
  // TensorRT-LLM, Ollama's runner
  /prompt length .*should not exceed|exceeded (?:max(?:imum)? )?context length/i,
];
/** A limit of tokens in some time is another thing. */
const RATE_LIMIT = /rate.?limit|per (?:minute|hour|day)|quota/i;

const CONTEXT_SIZES = [
  /(?:context|model) (?:length|size|window)(?: is| of)?(?: only| just)?(?: set to)?[ (:]*(\d[\d,_]*)/i,
  /(?:max_seq_len|max_num_tokens|n_ctx|context length|must be <=|less than|limit of|maximum of|allowed|>)[ (:]*(\d[\d,_]*)/i,
];
const PROMPT_SIZES = [
  /(?:request|prompt|input|messages?) (?:\((?:total )?length |\(|length )(\d[\d,_]*)/i,
  /(?:requested|passed|resulted in|request has|contains|too long:|count \(|given:|n_keep:|keep the first|total of)[ (about]*(\d[\d,_]*)/i,
];

/** The error of a conversation that is too long, if it is that what a server reports. */
export function contextOverflowOf(
  report: ServerReport,
  status: number | undefined,
  cause: unknown,
): ConversationTooLongError | undefined {
  const { kinds, message, promptTokens, contextSize } = report;
  const isNamed = kinds.some((kind) => KINDS.test(kind)) || /context_length_exceeded/.test(message);
  const isSaid = status !== 429 && !RATE_LIMIT.test(message) && SENTENCES.some((pattern) => pattern.test(message));
  if (!isNamed && !isSaid) return undefined;
  return new ConversationTooLongError(
    promptTokens ?? numberIn(message, PROMPT_SIZES),
    contextSize ?? numberIn(message, CONTEXT_SIZES),
    cause,
  );
}

function numberIn(message: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return Number(found.replaceAll(/[,_]/g, ""));
  }
  return undefined;
}
