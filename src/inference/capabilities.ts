import { randomUUID } from "node:crypto";
import { z } from "zod";
import { requestServerJson } from "../llama-server/http.ts";

/** Whether a server hands through what the model wrote, or splits the channels itself; "unknown" until something has arrived. */
export type ChannelMode = "raw" | "split" | "unknown";

/** What is known of the server that is asked. */
export interface ServerCapabilities {
  readonly mode: ChannelMode;
  /** llama-server takes grammars, counts tokens and reports how far it has read the prompt. */
  readonly isLlamaServer: boolean;
  /** Our own chat template (prompts/harmony.jinja) writes later system messages; the models' own drop them silently. */
  readonly hasOwnTemplate: boolean;
  /** Tokens of one conversation. */
  readonly contextSize?: number | undefined;
  /** The name that the server gives its model. */
  readonly alias?: string | undefined;
}

/** A server that somebody else runs, before it has answered anything. */
export const UNKNOWN_SERVER: ServerCapabilities = { mode: "unknown", isLlamaServer: false, hasOwnTemplate: false };

/** The field in which a server that splits channels sends the analysis, and expects it back. */
export type ReasoningField = "reasoning_content" | "reasoning";

/** What is known of a server, made more exact by what arrives. One for all models that share the server. */
export class KnownServer {
  #capabilities: ServerCapabilities;
  #reasoningField: ReasoningField | undefined;
  #lastId = "";

  constructor(capabilities: ServerCapabilities) {
    this.#capabilities = capabilities;
  }

  get capabilities(): ServerCapabilities {
    return this.#capabilities;
  }

  /** undefined as long as none has arrived. */
  get reasoningField(): ReasoningField | undefined {
    return this.#reasoningField;
  }

  /** Takes what a detection found, unless an answer has told more already. */
  refine(detected: ServerCapabilities): void {
    if (this.#capabilities.mode === "unknown") this.#capabilities = { ...this.#capabilities, mode: detected.mode };
  }

  sawReasoning(field: ReasoningField): void {
    this.#reasoningField = field;
    this.#learn("split");
  }

  /** Harmony's own markers stood in the content. */
  sawHarmony(): void {
    this.#learn("raw");
  }

  /** The id of an answer. LangGraph takes messages of one id for the same message, so a server that repeats its own gets another. */
  answerId(given: string): string {
    if (given === "" || given !== this.#lastId) return (this.#lastId = given);
    return `chatcmpl-${randomUUID()}`;
  }

  #learn(mode: ChannelMode): void {
    if (this.#capabilities.mode === "unknown") this.#capabilities = { ...this.#capabilities, mode };
  }
}

const DEADLINE_MS = 2_000;
/** What our own chat template asks for, and no other knows. */
const OWN_TEMPLATE = "continue_from";

export function isOwnTemplate(chatTemplate: string): boolean {
  return chatTemplate.includes(OWN_TEMPLATE);
}

/** llama-server's description of itself. */
const propsSchema = z.object({
  default_generation_settings: z.object({ n_ctx: z.number() }),
  chat_template: z.string(),
  build_info: z.string(),
  model_alias: z.string().optional(),
});

export interface DetectCapabilitiesOptions {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The answer that is asked for to see what a server makes of markers, and the grammar that allows no other. A model without these tokens
 * refuses the grammar, and its server is not taken for one that writes raw harmony.
 */
const MARKERS = "<|channel|>final<|message|>";
const PROBE = {
  messages: [{ role: "user", content: "." }],
  grammar: 'root ::= <|channel|> "final" <|message|> "."',
  max_tokens: 8,
};
const answerSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/**
 * Asks a server that someone else runs whether it is a llama-server, how long a conversation it takes, and, since it does not tell,
 * tries whether it splits channels. A server that does not answer is left unknown: the first question says why.
 */
export async function detectCapabilities(options: DetectCapabilitiesOptions): Promise<ServerCapabilities> {
  try {
    const props = propsSchema.parse(await ask("/props", options));
    return {
      mode: await tryMode(options),
      isLlamaServer: true,
      hasOwnTemplate: isOwnTemplate(props.chat_template),
      contextSize: props.default_generation_settings.n_ctx,
      alias: props.model_alias,
    };
  } catch {
    return UNKNOWN_SERVER; // no llama-server, or none that answers yet
  }
}

/** A server that is busy is not waited for: its first answer tells as well. */
async function tryMode(options: DetectCapabilitiesOptions): Promise<ChannelMode> {
  try {
    const { choices } = answerSchema.parse(await ask("/v1/chat/completions", options, PROBE));
    return choices[0]?.message.content.startsWith(MARKERS) ? "raw" : "split";
  } catch {
    return "unknown";
  }
}

async function ask(
  path: string,
  { baseUrl, apiKey, signal }: DetectCapabilitiesOptions,
  body?: unknown,
): Promise<unknown> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  return await requestServerJson({
    baseUrl,
    apiKey,
    path,
    body,
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  });
}
