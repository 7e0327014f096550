import type { BaseMessage, UsageMetadata } from "@langchain/core/messages";
import { timingsOf, tokensOf } from "../model/read-message.ts";
import type { Figures } from "./answer.ts";

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
    const timings = timingsOf(message);
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
