import { createHash } from "node:crypto";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import type { InferenceRequest } from "../../inference/inference-request.ts";
import type { ResponseFormat } from "../../inference/messages.ts";
import type { Sampling } from "../../llama-server/model-catalogue.ts";
import { chatPromptOf, type Prompt } from "../../prompts/prompts.ts";
import type { Setting } from "../definition/experiment.ts";
import type { CompleteDefinition } from "../definition/schema.ts";
import type { Case } from "../definition/test-cases.ts";

/** fast: all slots and the prompt cache. exact: one slot and no cache, so that the same seed gives the same answer. */
export const MODES = ["fast", "exact"] as const;
export type Mode = (typeof MODES)[number];

/** One variant with one setting, one case and one repeat. */
export interface Cell {
  /** Id of its arm. */
  readonly arm: string;
  /** The model asked for, as in the setting. */
  readonly model: string | undefined;
  /** Cells of one family begin alike: one variant with one effort. */
  readonly family: string;
  readonly case: Case;
  /** From 1. */
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  /** The text that the model reads, as the server renders it. */
  readonly rendered: string;
  /** What it is stored under: two cells with the same key are the same question. */
  readonly key: string;
}

/** All that decides an answer, as far as it can be decided. */
export interface KeyParts {
  readonly rendered: string;
  readonly draw: SamplingSettings;
  readonly modelHash: string;
  readonly build: string;
  readonly mode: Mode;
  /** The grammar or schema that the server holds the answer to. */
  readonly constraint?: string | undefined;
}

/** SHA-256, in hexadecimal. A template, a date or an effort that changes the prompt changes the key. */
export function keyOf({ rendered, draw, modelHash, build, mode, constraint }: KeyParts): string {
  const { temperature, topP, topK, minP, maxTokens, seed } = draw;
  const parts = [rendered, temperature, topP, topK, minP, maxTokens, seed, modelHash, build, mode];
  // without a constraint the key is the same as in stores that were written before there were any
  if (constraint !== undefined) parts.push(constraint);
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export interface RequestMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What decides the prompt that the model reads. */
export interface PromptRequest {
  readonly messages: readonly RequestMessage[];
  readonly effort: Setting["effort"];
  readonly date: string;
  readonly tools: Readonly<CompleteDefinition["tools"]>;
  /** The form that a judge's verdict must have. */
  readonly responseFormat?: ResponseFormat;
}

/** What decides how an answer is drawn. */
export interface SamplingSettings extends Sampling {
  /** Tokens, thinking included. */
  readonly maxTokens: number;
  readonly seed: number;
}

const ROLES = { system: "system", human: "user", ai: "assistant" } as const;

/** The messages of one variant with one case, safe to send. */
export async function messagesOf(
  prompt: Prompt,
  variables: Readonly<Record<string, string>>,
  history: Case["history"] = [],
): Promise<readonly RequestMessage[]> {
  const messages = await chatPromptOf(prompt).formatMessages({
    ...variables,
    history: history.map(({ role, content }) => [role, content]),
  });
  return messages.map((message) => ({
    role: ROLES[message.type as keyof typeof ROLES],
    content: sanitizeControlTokens(message.text),
  }));
}

/** A cell's prompt as a request; with `draw` also how its answer is sampled. */
export function requestOf(
  { messages, effort, date, tools, responseFormat }: PromptRequest,
  draw?: SamplingSettings,
): InferenceRequest {
  return {
    messages,
    effort,
    tools,
    responseFormat,
    currentDate: date,
    ...(draw && { sampling: draw, maxTokens: draw.maxTokens, seed: draw.seed }),
  };
}
