import { setTimeout as sleep } from "node:timers/promises";
import { GptOssError, messageOf } from "../../errors.ts";
import type { Answer } from "../ask/answer.ts";
import { askCell, countChannels, type ReadBeginning, readBeginning, type Reply } from "../ask/ask-cell.ts";
import { httpStatusOf } from "../ask/server-client.ts";
import type { Lanes } from "../plan/lanes.ts";
import type { Row } from "../store/row.ts";
import type { AskQuestionsOptions, Question } from "./question.ts";

export interface LaneOptions extends AskQuestionsOptions {
  /** Ends what may still be done after `signal`. */
  readonly grace: AbortSignal;
}

/**
 * Has one slot do its share. The next question is asked while the answer before is counted and stored.
 * @throws GptOssError `server-unreachable` when the server is gone
 */
export async function workLane(lanes: Lanes<Question>, slot: number, options: LaneOptions): Promise<void> {
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

const NOTHING_READ: ReadBeginning = { tokens: 0, milliseconds: 0 };

async function readBeginnings(
  beginnings: readonly string[],
  { target, mode, signal }: AskQuestionsOptions,
): Promise<ReadBeginning> {
  let sum = NOTHING_READ;
  if (mode === "exact") return sum;
  for (const beginning of beginnings) {
    if (signal?.aborted) return sum;
    try {
      const { tokens, milliseconds } = await readBeginning(target.client, beginning, signal);
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
function withReading(outcome: Outcome, { tokens, milliseconds }: ReadBeginning): Outcome {
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

async function keep(question: Question, outcome: Outcome, options: LaneOptions): Promise<void> {
  const { store, onRow } = options;
  const counted = "reply" in outcome ? { answer: await count(outcome.reply, options) } : outcome;
  const row = rowOf(question, options, counted);
  await store.append(row);
  onRow?.(row);
}

/** A server that was restarted meanwhile counts as well. */
async function count(reply: Reply, { target, signal, grace }: LaneOptions): Promise<Answer> {
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

async function outcomeOf(question: Question, options: AskQuestionsOptions): Promise<Outcome> {
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

async function askOnce(
  { prompt, draw, constraint }: Question,
  { target, mode, signal }: AskQuestionsOptions,
): Promise<Reply> {
  return await askCell(target.client, { prompt, draw, constraint, useCache: mode === "fast" }, signal);
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
