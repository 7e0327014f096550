import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, messageOf } from "../../errors/errors.ts";
import { failed, reason } from "../../i18n/error-messages.ts";
import type { Answer } from "../answer.ts";
import type { Row, Store } from "../cell-store.ts";
import type { InferenceClient } from "../../inference/client.ts";
import type { SamplingSettings, PromptRequest, Mode } from "../plan/cell.ts";
import { orderCells, beginningsToKeep, type Family, type Ordered, type PromptGroup } from "../plan/order.ts";
import { askCell, countChannels, type Reply, httpStatusOf } from "./ask-cell.ts";
import type { Target } from "./target.ts";

/**
 * Asks all questions, as many at once as the server has slots, and stores each answer as soon as it is there.
 * A question that fails is stored with its error; only a server that is gone ends the run.
 * @throws GptOssError `interrupted`, or `server-unreachable` when the server is gone
 */
export async function askAllCells(questions: readonly Question[], options: AskAllCellsOptions): Promise<void> {
  const { target, mode, signal } = options;
  const lanes = new CellQueues(orderCells(uniqueByKey(questions), ({ family }) => family));
  const stop = new AbortController();
  const together = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const grace = graceAfter(together);
  const slots = mode === "exact" ? 1 : target.slots;
  const workers = Array.from({ length: slots }, async (_, slot) => {
    try {
      await runWorker(lanes, slot, { ...options, signal: together, grace });
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

/** What is asked and stored: a cell, or a judge's question about one. */
export interface Question {
  readonly kind: Row["kind"];
  readonly key: string;
  readonly arm: string;
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

export interface CellWorkerOptions extends AskAllCellsOptions {
  /** Ends what may still be done after `signal`. */
  readonly grace: AbortSignal;
}

/**
 * Has one slot do its share. The next question is asked while the answer before is counted and stored.
 * @throws GptOssError `server-unreachable` when the server is gone
 */
export async function runWorker(lanes: CellQueues<Question>, slot: number, options: CellWorkerOptions): Promise<void> {
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
  const counted = "reply" in outcome ? { answer: await count(outcome.reply, options) } : outcome;
  const row = rowOf(question, options, counted);
  await store.append(row);
  onRow?.(row);
}

/** A server that was restarted meanwhile counts as well. */
async function count(reply: Reply, { target, signal, grace }: CellWorkerOptions): Promise<Answer> {
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

const RETRY_MS = 250;

async function outcomeOf(question: Question, options: AskAllCellsOptions): Promise<Outcome> {
  try {
    return { reply: await askOnce(question, options) };
  } catch (error) {
    if (options.signal?.aborted || !GptOssError.isInstance(error)) throw error;
    if (error.code !== "server-unreachable") return failureOf(error);
  }
  // a connection may break once; a server that is gone stays gone
  await sleep(RETRY_MS);
  await options.target.ready();
  try {
    return { reply: await askOnce(question, options) };
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

function rowOf(question: Question, { target, mode }: AskAllCellsOptions, outcome: Row["outcome"]): Row {
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

/** What a slot does next. */
export interface Assignment<Item extends Ordered> {
  /** To be read before, each by a request of its own. */
  readonly beginnings: readonly string[];
  readonly prompt: PromptGroup<Item>;
}

interface Queue<Item extends Ordered> {
  readonly prompts: PromptGroup<Item>[];
  /** Its first prompt has been answered, so that the server has a copy of the beginning for other slots. */
  read: boolean;
}

/** Fewer prompts than this are not worth evaluating their beginning on a second slot. */
const WORTH_SHARING = 4;

/**
 * Hands out work to the server's slots. A slot stays with a family of prompts, whose beginning its cache holds; when no family
 * is left, it takes half of what another slot still has before it.
 */
export class CellQueues<Item extends Ordered> {
  readonly #waiting: Queue<Item>[];
  /** What each slot works on. */
  readonly #own = new Map<number, Queue<Item>>();
  /** What each slot has read last. */
  readonly #last = new Map<number, string>();

  constructor(families: readonly Family<Item>[]) {
    this.#waiting = families.map((prompts) => ({ prompts: [...prompts], read: false }));
  }

  /** The next prompt for this slot; undefined when there is nothing left for it. */
  next(slot: number): Assignment<Item> | undefined {
    const own = this.#own.get(slot);
    if (own) own.read = true;
    const queue = own && own.prompts.length > 0 ? own : (this.#waiting.shift() ?? this.#share());
    const prompt = queue?.prompts.shift();
    if (!queue || !prompt) return undefined;
    const beginnings = beginningsToKeep(this.#last.get(slot) ?? "", prompt.rendered, queue.prompts);
    this.#own.set(slot, queue);
    this.#last.set(slot, prompt.rendered);
    return { beginnings, prompt };
  }

  /** From the slot with the most work whose beginning the server can copy, if there is one. */
  #share(): Queue<Item> | undefined {
    const [donor] = [...this.#own.values()]
      .filter(({ prompts }) => prompts.length >= WORTH_SHARING)
      .toSorted((a, b) => Number(b.read) - Number(a.read) || b.prompts.length - a.prompts.length);
    return donor && { prompts: donor.prompts.splice(Math.ceil(donor.prompts.length / 2)), read: false };
  }
}

/** Runs an action for every item, at most so many at once, and gives the results in order. */
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
