import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { LinkedSignal } from "../../platform/linked-signal.ts";
import type { InferenceClient } from "../../inference/client.ts";
import type { LlamaServerClient } from "../../llama-server/client.ts";
import { ServerError } from "../../llama-server/server-report.ts";
import type { Answer } from "../answer.ts";
import type { Row, Store } from "../cell-store.ts";
import { type SamplingSettings, type PromptRequest, type Mode, requestOf } from "../plan/cell.ts";
import { CellQueues, orderCells } from "../plan/order.ts";
import type { Target } from "./target.ts";

/**
 * Asks all questions, as many at once as the server has slots, and stores each answer as soon as it is there.
 * A question that fails is stored with its error; only a server that is gone ends the run.
 * @throws GptOssError `interrupted`, or `server-unreachable` when the server is gone
 */
export async function askAllCells(questions: readonly Question[], options: AskAllCellsOptions): Promise<void> {
  const { target, mode, signal } = options;
  const lanes = new CellQueues(orderCells(uniqueByKey(questions), ({ family }) => family));
  const slots = mode === "exact" ? 1 : target.slots;
  await runWorkers(slots, signal, async (slot, together) => {
    await runWorker(lanes, slot, { ...options, signal: together, grace: graceAfter(together) });
  });
}

/**
 * Runs this many workers at once. When one fails, the signal of all of them aborts.
 * @throws GptOssError `interrupted` when the caller's signal has aborted; otherwise the first failure, a GptOssError before any other
 */
export async function runWorkers(
  count: number,
  signal: AbortSignal | undefined,
  work: (worker: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  using together = new LinkedSignal(signal);
  const workers = Array.from({ length: count }, async (_, worker) => {
    try {
      await work(worker, together.signal);
    } catch (error) {
      together.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  if (signal?.aborted) throw createError("interrupted", [errorDetail("theExperiment")]);
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as Error] : []));
  const [first] = [...failures.filter((failure) => GptOssError.isInstance(failure)), ...failures];
  if (first) throw first;
}

/**
 * Tries again once when the server was unreachable. A connection may break once; if the server stopped, the second attempt fails too.
 * @throws what the second try throws, or the first for any other reason
 */
export async function retryUnreachable<Value>(
  work: () => Promise<Value>,
  { target, signal }: { readonly target: Target; readonly signal?: AbortSignal | undefined },
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted || !GptOssError.isInstance(error) || error.code !== "server-unreachable") throw error;
  }
  await sleep(RETRY_MS);
  await target.ready();
  return await work();
}

const RETRY_MS = 250;

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

/** What is asked and stored: a cell, or a judge's question about one. */
export interface Question {
  readonly kind: Row["kind"];
  readonly key: string;
  readonly variant: string;
  readonly case: string;
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  readonly rendered: string;
  /** Questions of one family begin alike. */
  readonly family: string;
}

export interface AskAllCellsOptions {
  readonly target: Target;
  readonly store: Store;
  readonly mode: Mode;
  readonly signal?: AbortSignal | undefined;
  /** After every question. */
  readonly onRow?: ((row: Row) => void) | undefined;
}

interface CellWorkerOptions extends AskAllCellsOptions {
  /** Ends what may still be done after `signal`. */
  readonly grace: AbortSignal;
}

/**
 * Has one slot do its share. The next question is asked while the answer before is counted and stored.
 * @throws GptOssError `server-unreachable` when the server is gone
 */
async function runWorker(lanes: CellQueues<Question>, slot: number, options: CellWorkerOptions): Promise<void> {
  const { signal } = options;
  let keeping: Promise<void> | undefined;
  try {
    for (let work = lanes.next(slot); work; work = lanes.next(slot)) {
      let read = await readBeginnings(work.beginnings, options);
      for (const question of work.prompt.cells) {
        if (signal?.aborted) return;
        const outcome = withReading(await outcomeOf(question, options), read);
        read = NOTHING_READ;
        // an answer is counted and stored while the slot is at the next one
        await keeping;
        keeping = keep(question, outcome, options);
        // it is awaited below; until then its failure is not to end the process
        keeping.catch(() => undefined);
      }
    }
  } finally {
    // what has been paid is kept, whatever ends the lane
    await keeping;
  }
}

/** What processing a beginning took. */
type WarmPrefix = Awaited<ReturnType<InferenceClient["warmPrefix"]>>;

const NOTHING_READ: WarmPrefix = { tokens: 0, milliseconds: 0 };

async function readBeginnings(
  beginnings: readonly string[],
  { target, mode, signal }: AskAllCellsOptions,
): Promise<WarmPrefix> {
  let sum = NOTHING_READ;
  if (mode === "exact") return sum;
  for (const beginning of beginnings) {
    if (signal?.aborted) return sum;
    try {
      const { tokens, milliseconds } = await target.inference.warmPrefix(beginning, signal);
      sum = { tokens: sum.tokens + tokens, milliseconds: sum.milliseconds + milliseconds };
    } catch (error) {
      // the cell itself will tell what is wrong
      if (GptOssError.isInstance(error)) return sum;
      throw error;
    }
  }
  return sum;
}

/** What was read for a cell beforehand is among what that cell took, so that the sums are true. */
function withReading(outcome: Outcome, { tokens, milliseconds }: WarmPrefix): Outcome {
  if (!("reply" in outcome) || tokens === 0) return outcome;
  const { reply } = outcome;
  const { cached, evaluated } = reply.tokens;
  return {
    reply: {
      ...reply,
      tokens: { ...reply.tokens, cached: Math.max(0, cached - tokens), evaluated: evaluated + tokens },
      promptMs: reply.promptMs + milliseconds,
    },
  };
}

async function keep(question: Question, outcome: Outcome, options: CellWorkerOptions): Promise<void> {
  const { store, onRow } = options;
  const counted = "reply" in outcome ? { answer: await countTokens(outcome.reply, options) } : outcome;
  const row = rowOf(question, options, counted);
  await store.append(row);
  onRow?.(row);
}

/** A server that was restarted meanwhile counts as well. */
async function countTokens(reply: Reply, { target, signal, grace }: CellWorkerOptions): Promise<Answer> {
  try {
    return await countChannels(target.client, reply, grace);
  } catch (error) {
    if (signal?.aborted || !GptOssError.isInstance(error) || error.code !== "server-unreachable") throw error;
    await target.ready();
    return await countChannels(target.client, reply, grace);
  }
}

type Failure = Extract<Row["outcome"], { error: unknown }>;
type Outcome = { readonly reply: Reply } | Failure;

async function outcomeOf(question: Question, options: AskAllCellsOptions): Promise<Outcome> {
  try {
    return { reply: await retryUnreachable(() => askOnce(question, options), options) };
  } catch (error) {
    if (options.signal?.aborted || !GptOssError.isInstance(error) || error.code === "server-unreachable") throw error;
    return failureOf(error);
  }
}

function failureOf(error: GptOssError): Failure {
  const status = httpStatusOf(error);
  return { error: { code: error.code, message: messageOf(error), ...(status !== undefined && { status }) } };
}

async function askOnce({ prompt, draw }: Question, { target, mode, signal }: AskAllCellsOptions): Promise<Reply> {
  return await askCell(target.inference, { prompt, draw, useCache: mode === "fast" }, signal);
}

export function rowOf(
  question: Omit<Question, "rendered" | "family">,
  { target, mode }: Pick<AskAllCellsOptions, "target" | "mode">,
  outcome: Row["outcome"],
): Row {
  const { kind, key, variant, repeat, prompt, draw } = question;
  return {
    version: 1,
    key,
    at: new Date().toISOString(),
    kind,
    variant,
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

/** Runs an action for every item, a limited number at once, and returns the results in order. p-map does the same, but is another package. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  most: number,
  action: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await action(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}

/** The measurements of llama-server, without which a cell cannot be compared with others. */
const timingsSchema = z.object({
  cache_n: z.number(),
  prompt_n: z.number(),
  prompt_ms: z.number(),
  predicted_n: z.number(),
  predicted_ms: z.number(),
});

interface CellRequest {
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  /** Whether the server may reuse the prompt that a slot holds. */
  readonly useCache: boolean;
}

/** An answer whose channels have not been counted yet. */
type Reply = Omit<Answer, "tokens"> & { readonly tokens: Omit<Answer["tokens"], "thinking" | "answer"> };

/**
 * Asks a llama-server for one cell, in one response. The answer is what the model wrote: nothing is asked again or cut short.
 * @throws GptOssError when the server does not answer, or answers with an error
 */
export async function askCell(
  inference: InferenceClient,
  { prompt, draw, useCache }: CellRequest,
  signal?: AbortSignal,
): Promise<Reply> {
  const answer = await inference.complete(requestOf(prompt, draw), { useCache, signal });
  const timings = timingsSchema.safeParse(answer.serverTimings);
  if (!timings.success) throw createError("noLlamaServer", [inference.baseUrl], { cause: timings.error });
  const { cache_n, prompt_n, prompt_ms, predicted_n, predicted_ms } = timings.data;
  return {
    final: answer.final,
    analysis: answer.analysis,
    preamble: answer.commentary,
    toolCalls: answer.toolCalls.map(({ name, arguments: written }) => ({ name, arguments: written })),
    finishReason: answer.finishReason,
    tokens: { prompt: cache_n + prompt_n, cached: cache_n, evaluated: prompt_n, generated: predicted_n },
    promptMs: prompt_ms,
    generationMs: predicted_ms,
  };
}

/** Counts the channels of a reply. The server does that beside its slots, so that the next cell does not wait for it. */
async function countChannels(client: LlamaServerClient, reply: Reply, signal?: AbortSignal): Promise<Answer> {
  const thinking = await client.countTokens(reply.analysis, signal);
  const answer = await client.countTokens(reply.final, signal);
  return { ...reply, tokens: { ...reply.tokens, thinking, answer } };
}

/** The HTTP status that a failure goes back to, if the server answered. */
function httpStatusOf(error: unknown): number | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause instanceof ServerError) return cause.status;
  }
  return undefined;
}
