import type { AnswerEnd, AnswerPart } from "../../../src/inference/answer-part.ts";
import type { InferenceOptions, InferenceRequest } from "../../../src/inference/inference-request.ts";
import type { AnswerSource } from "../../../src/gateway/index.ts";

/** What the source does next: parts to give, an error to throw, or a wait until the client leaves. */
export type Step = AnswerPart | Error | "wait" | number;

export interface ScriptedSource extends AnswerSource {
  readonly requests: readonly InferenceRequest[];
  /** How many streams were ended by their signal. */
  readonly aborted: number;
}

/** A source that gives prepared answers; the last one answers all requests that follow. Numbers are waits in milliseconds. */
export function scriptedSource(...answers: readonly (readonly Step[])[]): ScriptedSource {
  const requests: InferenceRequest[] = [];
  let aborted = 0;
  return {
    requests,
    get aborted() {
      return aborted;
    },
    capabilities: { mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize: 4096 },
    async *stream(request: InferenceRequest, { signal }: InferenceOptions = {}) {
      requests.push(request);
      const steps = answers[Math.min(requests.length, answers.length) - 1] ?? [];
      for (const step of steps) {
        if (step instanceof Error) throw step;
        if (step === "wait" || typeof step === "number") await pause(step, signal);
        else yield step;
        if (signal?.aborted) {
          aborted++;
          return;
        }
      }
    },
  };
}

async function pause(step: "wait" | number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (typeof step === "number") setTimeout(resolve, step);
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}

export const analysis = (text: string): AnswerPart => ({ type: "text", channel: "analysis", text });
export const commentary = (text: string): AnswerPart => ({ type: "text", channel: "commentary", text });
export const final = (text: string): AnswerPart => ({ type: "text", channel: "final", text });

/** A call whose arguments come in pieces. */
export function call(name: string, written: string, index = 0): AnswerPart[] {
  const half = Math.ceil(written.length / 2);
  return [
    { type: "tool-call", index, id: `call_${index}`, name },
    ...[written.slice(0, half), written.slice(half)].map((text): AnswerPart => ({
      type: "tool-arguments",
      index,
      text,
    })),
  ];
}

export function end(fields: Partial<AnswerEnd> = {}): AnswerEnd {
  return {
    type: "end",
    finishReason: "stop",
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 60 },
    },
    tokens: { reasoning: 7, text: 9, other: 4, isExact: true },
    timings: { duration: 50, answerTokensPerSecond: 40 },
    harmony: { raw: "", messages: [] },
    ...fields,
  };
}

export const start: AnswerPart = { type: "start", id: "chatcmpl-1", model: "gpt-oss-20b" };

/** Thinking, an answer, and its end. */
export function plainAnswer(text = "Hello.", thinking = "The user greets."): Step[] {
  return [start, analysis(thinking), final(text), end()];
}
