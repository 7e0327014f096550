import { chatPromptOf, type Prompt } from "../../prompts.ts";
import { neutralizeControlTokens, neutralizeControlTokensIn } from "../../harmony/neutralize.ts";
import type { Sampling } from "../../../setup/model/catalogue.ts";
import { readSchema } from "../../model/json-schema/read-schema.ts";
import { toolSchema } from "../../model/json-schema/schema-error.ts";
import { wireSchema } from "../../model/json-schema/wire-schema.ts";
import type { Setting } from "../definition/experiment.ts";
import type { Case } from "../definition/read-cases.ts";
import type { CompleteDefinition } from "../definition/schema.ts";

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
export interface DrawSettings extends Sampling {
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
    content: neutralizeControlTokens(message.text),
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
      tools: tools.map((tool) => ({ type: "function", function: neutralizeControlTokensIn(withWireSchema(tool)) })),
    }),
  };
}

/** A tool with its parameters as every chat template takes them. @throws GptOssError `usage` for a schema that can't be used */
function withWireSchema(tool: CompleteDefinition["tools"][number]) {
  return { ...tool, parameters: wireSchema(readSchema(tool.parameters, toolSchema(tool.name))) };
}
