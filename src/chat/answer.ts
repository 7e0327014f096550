import type { BaseMessage, UsageMetadata } from "@langchain/core/messages";
import { getTimings, tokensOf } from "../model/read-message.ts";

/** What comes while a question is answered. */
export type AnswerPart =
  /** Tokens of the prompt that the server has read, of how many. */
  | { readonly type: "progress"; readonly processed: number; readonly total: number }
  | { readonly type: "thinking"; readonly text: string }
  /** What the model says before it calls a tool. */
  | { readonly type: "preamble"; readonly text: string }
  | { readonly type: "call"; readonly name: string; readonly arguments: string }
  | { readonly type: "text"; readonly text: string };

/** What an answer took, as the server measured it. Times in milliseconds, speeds in tokens a second. */
export interface Figures {
  /** How often the model was asked; what follows is of all of them together. */
  readonly modelCalls?: number | undefined;
  /** Of the first. */
  readonly timeToFirstToken?: number | undefined;
  /** With what tools took in between. */
  readonly duration?: number | undefined;
  readonly promptTokens?: number | undefined;
  readonly promptTokensCached?: number | undefined;
  readonly promptSpeed?: number | undefined;
  /** All that was written: thinking, text and calls. */
  readonly answerTokens?: number | undefined;
  /** Of these the tokens of the thinking and of the text; what is left belongs to calls and to the format. */
  readonly thinkingTokens?: number | undefined;
  readonly textTokens?: number | undefined;
  /** The two were counted in pieces of which some had several tokens. */
  readonly isEstimate?: boolean | undefined;
  readonly answerSpeed?: number | undefined;
  /** What the server's context held at the end: the last prompt and what was written after it. */
  readonly contextTokens?: number | undefined;
}

/** How a turn ended. All three outcomes have the same shape, so that storing and showing them needs one path. */
export interface Answer {
  readonly outcome: "answered" | "interrupted" | "failed";
  /** As it was sent. */
  readonly question: string;
  readonly thinking: string;
  readonly preamble: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** Text of the final channel, as far as it came. */
  readonly text: string;
  /** `stop`, `length` or `tool_calls`; undefined when it was cut before its end. */
  readonly finishReason?: string | undefined;
  readonly figures: Figures;
  /** What was thrown, when it failed. */
  readonly failure?: unknown;
}

/** Tokens that were handled at some speed, and how many milliseconds that took. */
class Pace {
  #tokens = 0;
  #seconds = 0;

  add(tokens: number | undefined, speed: number | undefined): void {
    if (!tokens || !speed) return;
    this.#tokens += tokens;
    this.#seconds += tokens / speed;
  }

  get speed(): number | undefined {
    return this.#seconds > 0 ? this.#tokens / this.#seconds : undefined;
  }
}

/** Adds up what the model's messages of one turn took. */
export class FigureSum {
  readonly #now: () => number;
  readonly #promptPace = new Pace();
  readonly #answerPace = new Pace();
  #began: number | undefined;
  #figures: Figures = {};

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get figures(): Figures {
    return this.#figures;
  }

  /** @param message of the model's, whole, or the piece that ends one */
  add(message: BaseMessage & { readonly usage_metadata?: UsageMetadata | undefined }): void {
    const { usage_metadata: usage } = message;
    const timings = getTimings(message);
    const tokens = tokensOf(message);
    const cached = timings?.promptTokensCached ?? usage?.input_token_details?.cache_read;
    this.#began ??= this.#now() - (timings?.duration ?? 0);
    this.#promptPace.add(timings?.promptTokensRead, timings?.promptTokensPerSecond);
    this.#answerPace.add(usage?.output_tokens, timings?.answerTokensPerSecond);
    const { modelCalls = 0, ...before } = this.#figures;
    this.#figures = {
      modelCalls: modelCalls + 1,
      timeToFirstToken: modelCalls === 0 ? timings?.timeToFirstToken : before.timeToFirstToken,
      // tools and questions to the user are in between
      duration: modelCalls === 0 ? timings?.duration : this.#now() - this.#began,
      promptTokens: sum(before.promptTokens, usage?.input_tokens),
      promptTokensCached: sum(before.promptTokensCached, cached),
      promptSpeed: this.#promptPace.speed ?? timings?.promptTokensPerSecond,
      answerTokens: sum(before.answerTokens, usage?.output_tokens),
      thinkingTokens: sum(before.thinkingTokens, tokens?.reasoning),
      textTokens: sum(before.textTokens, tokens?.text),
      isEstimate: before.isEstimate === true || tokens?.isExact === false,
      answerSpeed: this.#answerPace.speed ?? timings?.answerTokensPerSecond,
      contextTokens: usage && usage.input_tokens + usage.output_tokens,
    };
  }
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}
