import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, messageOf } from "../../errors.ts";
import { failed, reason } from "../../failures/failure.ts";
import type { Answer } from "../ask/answer.ts";
import { askCell, warmPrefix } from "../ask/ask-cell.ts";
import type { DrawSettings, PromptRequest } from "../ask/request.ts";
import type { Target } from "../ask/target.ts";
import type { Mode } from "../plan/cell.ts";
import { Lanes } from "../plan/lanes.ts";
import { orderCells } from "../plan/order.ts";
import type { Row } from "../store/row.ts";
import type { Store } from "../store/store.ts";

/** What is asked and stored: a cell, or a judge's question about one. */
export interface Question {
  readonly kind: Row["kind"];
  readonly key: string;
  readonly arm: string;
  readonly case: string;
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: DrawSettings;
  readonly rendered: string;
  /** Questions of one family begin alike. */
  readonly family: string;
}

export interface AskQuestionsOptions {
  readonly target: Target;
  readonly store: Store;
  readonly mode: Mode;
  readonly signal?: AbortSignal | undefined;
  /** After every question. */
  readonly onRow?: ((row: Row) => void) | undefined;
  /** Tokens evaluated for a beginning that several prompts share. */
  readonly onWarm?: ((tokens: number) => void) | undefined;
}

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
  const slots = mode === "exact" ? 1 : target.slots;
  const workers = Array.from({ length: slots }, async (_, slot) => {
    try {
      await workLane(lanes, slot, { ...options, signal: together });
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

/** Two cells with the same key are one question. */
function uniqueByKey(questions: readonly Question[]): readonly Question[] {
  return [...new Map(questions.map((question) => [question.key, question])).values()];
}

async function workLane(lanes: Lanes<Question>, slot: number, options: AskQuestionsOptions): Promise<void> {
  const { target, mode, signal, store, onRow, onWarm } = options;
  for (let work = lanes.next(slot); work; work = lanes.next(slot)) {
    if (signal?.aborted) return;
    if (work.warm !== undefined && mode === "fast")
      onWarm?.(await warmPrefix(target.client, { prefix: work.warm, slot }, signal));
    for (const question of work.prompt.cells) {
      if (signal?.aborted) return;
      const row = rowOf(question, options, await outcomeOf(question, slot, options));
      await store.append(row);
      onRow?.(row);
    }
  }
}

const RETRY_MS = 250;

async function outcomeOf(question: Question, slot: number, options: AskQuestionsOptions): Promise<Row["outcome"]> {
  try {
    return { answer: await askOnce(question, slot, options) };
  } catch (error) {
    if (options.signal?.aborted || !GptOssError.isInstance(error)) throw error;
    if (error.code !== "server-unreachable") return failureOf(error);
  }
  // a connection may break once; a server that is gone stays gone
  await sleep(RETRY_MS);
  await options.target.ready();
  try {
    return { answer: await askOnce(question, slot, options) };
  } catch (error) {
    if (options.signal?.aborted || !GptOssError.isInstance(error) || error.code === "server-unreachable") throw error;
    return failureOf(error);
  }
}

function failureOf(error: GptOssError): Row["outcome"] {
  return { error: { code: error.code, message: messageOf(error) } };
}

async function askOnce(
  { prompt, draw }: Question,
  slot: number,
  { target, mode, signal }: AskQuestionsOptions,
): Promise<Answer> {
  return await askCell(target.client, { prompt, draw, slot, useCache: mode === "fast" }, signal);
}

function rowOf(question: Question, { target, mode }: AskQuestionsOptions, outcome: Row["outcome"]): Row {
  const { kind, key, arm, repeat, prompt, draw } = question;
  return {
    version: 1,
    key,
    at: new Date().toISOString(),
    kind,
    arm,
    case: question.case,
    repeat,
    mode,
    slots: mode === "exact" ? 1 : target.slots,
    effort: prompt.effort,
    temperature: draw.temperature,
    maxTokens: draw.maxTokens,
    seed: draw.seed,
    model: { name: target.model.name, hash: target.model.hash },
    build: target.build,
    outcome,
  };
}
