import { createHash } from "node:crypto";
import { sanitizeControlTokens, sanitizeControlTokensIn } from "../../harmony/sanitize.ts";
import { readSchema } from "../../inference/schema/read-schema.ts";
import { toolSchema } from "../../inference/schema/schema.ts";
import { wireSchema } from "../../inference/schema/wire-schema.ts";
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
}

/** SHA-256, in hexadecimal. A template, a date or an effort that changes the prompt changes the key. */
export function keyOf({ rendered, draw, modelHash, build, mode }: KeyParts): string {
  const { temperature, topP, topK, minP, maxTokens, seed } = draw;
  const parts = [rendered, temperature, topP, topK, minP, maxTokens, seed, modelHash, build, mode];
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

/** The fields that both /apply-template and /v1/chat/completions read. */
export function promptFields({ messages, effort, date, tools }: PromptRequest) {
  return {
    messages,
    reasoning_effort: effort,
    // /apply-template knows the effort only as one of the template's own words
    chat_template_kwargs: { current_date: date, reasoning_effort: effort },
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({ type: "function", function: sanitizeControlTokensIn(withWireSchema(tool)) })),
    }),
  };
}

/** A tool with its parameters as every chat template takes them. @throws GptOssError `usage` for a schema that can't be used */
function withWireSchema(tool: CompleteDefinition["tools"][number]) {
  return { ...tool, parameters: wireSchema(readSchema(tool.parameters, toolSchema(tool.name))) };
}
