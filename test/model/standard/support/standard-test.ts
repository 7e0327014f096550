import type { Serialized } from "@langchain/core/load/serializable";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { InMemoryCache } from "@langchain/core/caches";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { Generation } from "@langchain/core/outputs";
import { expect } from "@jest/globals";
import type { ChatOpenAI, ChatOpenAIFields } from "@langchain/openai";

/** Fields that any chat model of LangChain's takes. */
export type StandardFields = Pick<
  ChatOpenAIFields,
  "apiKey" | "cache" | "maxRetries" | "maxTokens" | "stop" | "streaming" | "temperature" | "timeout"
>;

/** A model class on a server. */
export interface Subject {
  readonly create: (fields?: StandardFields) => ChatOpenAI;
  /** Whether the model behind the server can make several calls at once; the demo model makes one after the other. */
  readonly callsInParallel: boolean;
}

export interface StandardTest {
  readonly name: string;
  /** @throws if the subject fails the test, `NotSupportedError` if the class says beforehand that it does not support this */
  readonly run: (subject: Subject) => Promise<void>;
}

/** The class declares in its profile that the model can't do this, and refuses it in one sentence. */
export class NotSupportedError extends Error {
  override name = "NotSupportedError";
}

/** An answer that can be shown to a user: it has text, and no control tokens in it. */
export function expectAnswer(message: unknown): void {
  expect(AIMessage.isInstance(message)).toBe(true);
  const { text } = message as AIMessage;
  expect(text).not.toBe("");
  expectNoControlTokens(text);
}

export function expectNoControlTokens(text: string): void {
  expect(text).not.toMatch(/<\|(?:start|channel|message|end|call|return|constrain)\|>/);
}

/** The chunks of a stream, joined. */
export async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) {
    expect(chunk).toBeInstanceOf(AIMessageChunk);
    whole = whole?.concat(chunk) ?? chunk;
  }
  if (whole === undefined) throw new Error("The stream had no chunks.");
  return whole;
}

export function expectCall(message: BaseMessage, name: string, args: Readonly<Record<string, unknown>>): void {
  const { tool_calls: calls = [] } = message as AIMessage;
  expect(calls).toEqual([{ type: "tool_call", id: expect.stringMatching(/./), name, args }]);
}

/** Remembers what tracers learn of a call's options. */
export class OptionsRecorder extends BaseCallbackHandler {
  override name = "options-recorder";
  options: Readonly<Record<string, unknown>> = {};

  override handleChatModelStart(
    _llm: Serialized,
    _messages: BaseMessage[][],
    _runId: string,
    _parentRunId?: string,
    extraParams?: Record<string, unknown>,
  ): void {
    this.options = (extraParams?.["options"] ?? {}) as Readonly<Record<string, unknown>>;
  }
}

/** Counts what is put into it. */
export class RecordingCache extends InMemoryCache {
  readonly updates: Generation[][] = [];

  override async update(prompt: string, key: string, value: Generation[]): Promise<void> {
    this.updates.push(value);
    await super.update(prompt, key, value);
  }
}
