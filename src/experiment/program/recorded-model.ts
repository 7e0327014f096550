import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { AIMessage, BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { Serialized } from "@langchain/core/load/serializable";
import type { LLMResult } from "@langchain/core/outputs";
import { ChatGptOss } from "../../model/chat-gpt-oss.ts";
import { getPreamble, getReasoning, getTimings, type GptOssMetadata, tokensOf } from "../../model/read-message.ts";
import type { Step } from "../answer.ts";
import type { ProgramRequest } from "./program.ts";

/** Tools of one trajectory do not return more than this to a report. */
const LONGEST_RESULT = 20_000;

interface RecordedCall {
  readonly name: string;
  readonly arguments: string;
  readonly id: string | undefined;
}

/** Records each call of a model, in the order in which the calls end, and the results of the tools. */
export class CallRecorder extends BaseCallbackHandler {
  readonly name = "experiment-call-recorder";
  override awaitHandlers = true;
  readonly #steps: (Omit<Step, "toolCalls"> & { readonly toolCalls: readonly RecordedCall[] })[] = [];
  readonly #results = new Map<string, string>();

  override handleChatModelStart(_model: Serialized, messages: BaseMessage[][]): void {
    for (const message of messages.flat()) this.noteResult(message);
  }

  override handleLLMEnd({ generations }: LLMResult): void {
    const [generation] = generations.flat();
    if (generation === undefined || !("message" in generation)) return;
    const { message } = generation;
    if (BaseMessage.isInstance(message) && AIMessage.isInstance(message)) this.#steps.push(stepOf(message));
  }

  /** A tool's result, which the next call of the model has, or the program's output. */
  noteResult(message: BaseMessage): void {
    if (ToolMessage.isInstance(message)) this.#results.set(message.tool_call_id, message.text.slice(0, LONGEST_RESULT));
  }

  get steps(): readonly Step[] {
    return this.#steps.map(({ toolCalls, ...step }) => ({
      ...step,
      toolCalls: toolCalls.map(({ id, ...call }) => {
        const result = id === undefined ? undefined : this.#results.get(id);
        return { ...call, ...(result !== undefined && { result }) };
      }),
    }));
  }
}

function stepOf(message: AIMessage): Step & { readonly toolCalls: readonly RecordedCall[] } {
  const { finish_reason: finishReason } = message.response_metadata as Partial<GptOssMetadata>;
  const timings = getTimings(message);
  const tokens = tokensOf(message);
  const { input_tokens: prompt = 0, output_tokens: generated = 0 } = message.usage_metadata ?? {};
  const cached = timings?.promptTokensCached ?? 0;
  const evaluated = timings?.promptTokensRead ?? Math.max(0, prompt - cached);
  const valid = (message.tool_calls ?? []).map(({ name, args, id }) => ({
    name,
    arguments: JSON.stringify(args),
    id,
  }));
  // a call whose arguments are not JSON is recorded as the model wrote it
  const invalid = (message.invalid_tool_calls ?? []).map(({ name, args, id }) => ({
    name: name ?? "",
    arguments: args ?? "",
    id,
  }));
  return {
    analysis: getReasoning(message),
    preamble: getPreamble(message),
    final: message.text,
    toolCalls: [...valid, ...invalid],
    finishReason: finishReason ?? "stop",
    tokens: {
      prompt,
      cached,
      evaluated,
      generated,
      thinking: tokens?.reasoning ?? 0,
      answer: tokens?.text ?? 0,
    },
    promptMs: milliseconds(evaluated, timings?.promptTokensPerSecond),
    generationMs: milliseconds(generated, timings?.answerTokensPerSecond),
  };
}

function milliseconds(tokens: number, perSecond: number | undefined): number {
  return perSecond === undefined || perSecond <= 0 ? 0 : (tokens / perSecond) * 1000;
}

/** The model that a program gets. It has no connection of its own: each request goes through `send`. */
export function createRecordedModel(request: ProgramRequest, recorder: CallRecorder): ChatGptOss {
  const { settings, sampling, seed, date, capabilities, send } = request;
  const answer = async (_input: unknown, init?: { readonly body?: unknown }) => {
    const body = { seed, ...(JSON.parse(String(init?.body)) as object) };
    const { status, contentType, text } = await send(JSON.stringify(body));
    return new Response(text, { status, headers: { "content-type": contentType } });
  };
  return new ChatGptOss({
    // not used: `fetch` answers every request
    baseUrl: "http://experiment.invalid/v1",
    model: settings.model,
    effort: settings.effort,
    maxTokens: settings.maxTokens,
    sampling: { ...sampling, temperature: settings.temperature },
    currentDate: date,
    server: capabilities,
    tracing: false,
    callbacks: [recorder],
    configuration: { fetch: answer },
  });
}
