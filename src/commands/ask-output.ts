import type { Answer, AnswerPart } from "../chat/answer.ts";
import { GptOssError, messageOf } from "../errors.ts";

/** What `ask --json` prints; the fields are part of the interface. */
export interface AskEnvelope {
  readonly final: string;
  readonly analysis: string;
  readonly commentary: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Tokens; null where the server does not say. */
  readonly usage: {
    readonly prompt: number | null;
    readonly cached: number | null;
    /** All that was written: thinking, text, calls, and what the format takes. */
    readonly answer: number | null;
    readonly analysis: number | null;
    readonly final: number | null;
    /** The last two were counted in pieces of which some had several tokens. */
    readonly estimated: boolean;
  };
  /** Milliseconds, and tokens a second. */
  readonly timings: {
    readonly timeToFirstToken: number | null;
    readonly duration: number | null;
    readonly promptTokensPerSecond: number | null;
    readonly answerTokensPerSecond: number | null;
  };
  /** `stop`, `length`, `tool_calls`, or `interrupted` and `failed`. */
  readonly finishReason: string;
  readonly model: string;
  /** Null when it is not kept. */
  readonly session: string | null;
}

export function envelopeOf(answer: Answer, model: string, session: string | undefined): AskEnvelope {
  const { figures } = answer;
  return {
    final: answer.text,
    analysis: answer.thinking,
    commentary: answer.preamble,
    toolCalls: answer.calls,
    usage: {
      prompt: figures.promptTokens ?? null,
      cached: figures.promptTokensCached ?? null,
      answer: figures.answerTokens ?? null,
      analysis: figures.thinkingTokens ?? null,
      final: figures.textTokens ?? null,
      estimated: figures.isEstimate ?? false,
    },
    timings: {
      timeToFirstToken: figures.timeToFirstToken ?? null,
      duration: figures.duration ?? null,
      promptTokensPerSecond: figures.promptSpeed ?? null,
      answerTokensPerSecond: figures.answerSpeed ?? null,
    },
    finishReason: answer.outcome === "answered" ? (answer.finishReason ?? "stop") : answer.outcome,
    model,
    session: session ?? null,
  };
}

/** What `ask --jsonl` prints for each part of an answer, a line each. */
export function eventOf(part: AnswerPart): object {
  return { ...part, type: EVENT_NAMES[part.type] };
}

/** By the names of harmony's channels, as in the envelope. */
const EVENT_NAMES: Readonly<Record<AnswerPart["type"], string>> = {
  progress: "progress",
  thinking: "analysis",
  preamble: "commentary",
  call: "toolCall",
  text: "final",
};

/** The last line of `ask --jsonl`. */
export function endEventOf(envelope: AskEnvelope): object {
  const { usage, timings, finishReason, model, session } = envelope;
  return { type: "end", finishReason, usage, timings, model, session };
}

/** A failure, for programs that read JSON. */
export function errorEventOf(failure: unknown): object {
  const code = GptOssError.isInstance(failure) ? failure.code : "unknown";
  return { type: "error", code, message: messageOf(failure) };
}
