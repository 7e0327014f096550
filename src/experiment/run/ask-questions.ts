import { GptOssError } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import { Lanes } from "../plan/lanes.ts";
import { orderCells } from "../plan/order.ts";
import type { AskQuestionsOptions, Question } from "./question.ts";
import { workLane } from "./work-lane.ts";

/**
 * Asks all questions, as many at once as the server has slots, and stores each answer as soon as it is there.
 * A question that fails is stored with its error; only a server that is gone ends the run.
 * @throws GptOssError `interrupted`, or `server-unreachable` when the server is gone
 */
export async function askQuestions(questions: readonly Question[], options: AskQuestionsOptions): Promise<void> {
  const { target, mode, signal } = options;
  const lanes = new Lanes(orderCells(uniqueByKey(questions), ({ family }) => family));
  const stop = new AbortController();
  const together = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const grace = graceAfter(together);
  const slots = mode === "exact" ? 1 : target.slots;
  const workers = Array.from({ length: slots }, async (_, slot) => {
    try {
      await workLane(lanes, slot, { ...options, signal: together, grace });
    } catch (error) {
      // the others stop too, and the first failure is the one that is told
      stop.abort();
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  if (signal?.aborted) throw failed("interrupted", [reason("theExperiment")]);
  const failure = outcomes.find((outcome) => outcome.status === "rejected" && GptOssError.isInstance(outcome.reason));
  const other = outcomes.find((outcome) => outcome.status === "rejected");
  const rejected = failure ?? other;
  if (rejected?.status === "rejected") throw rejected.reason as Error;
}

/** Two cells with the same key are one question; it is the first cell's. */
function uniqueByKey(questions: readonly Question[]): readonly Question[] {
  return [...new Map(questions.toReversed().map((question) => [question.key, question])).values()].toReversed();
}

/** How long an answer that is there may take to be counted after the run was stopped. */
const GRACE_MS = 10_000;

function graceAfter(signal: AbortSignal): AbortSignal {
  const grace = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => grace.abort(), GRACE_MS).unref(), { once: true });
  return grace.signal;
}
