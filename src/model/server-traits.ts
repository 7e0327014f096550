import { randomUUID } from "node:crypto";

/** Whether a server hands through what the model wrote, or splits the channels itself; "unknown" until something has arrived. */
export type ChannelMode = "raw" | "split" | "unknown";

/** What is known of the server that is asked. */
export interface ServerTraits {
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
export const UNKNOWN_SERVER: ServerTraits = { mode: "unknown", isLlamaServer: false, hasOwnTemplate: false };

/** The field in which a server that splits channels puts the analysis, and wants it back. */
export type ReasoningField = "reasoning_content" | "reasoning";

/** What is known of a server, made more exact by what arrives. One for all models that share the server. */
export class ServerKnowledge {
  #traits: ServerTraits;
  #reasoningField: ReasoningField | undefined;
  #lastId = "";

  constructor(traits: ServerTraits) {
    this.#traits = traits;
  }

  get traits(): ServerTraits {
    return this.#traits;
  }

  /** undefined as long as none has arrived. */
  get reasoningField(): ReasoningField | undefined {
    return this.#reasoningField;
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
    if (this.#traits.mode === "unknown") this.#traits = { ...this.#traits, mode };
  }
}
