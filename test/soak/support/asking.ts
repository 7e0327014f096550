import { createChatModel } from "../../../src/index.ts";
import { GptOssError } from "../../../src/errors/errors.ts";
import type { Ledger } from "./ledger.ts";

const QUESTIONS = ["Count to 100.", "My name is Alice.", "日本の首都はどこですか？", "What is the weather in Lima?"];
/** Requests of one model before the next is made: leases are taken and given up as well. */
const REQUESTS = 25;

/** One model from code: asked, left in mid-answer, aborted, and closed. */
export async function askThrough(environment: NodeJS.ProcessEnv, ledger: Ledger, isOver: () => boolean): Promise<void> {
  const opening = createChatModel({ model: "demo", environment, slots: 2, idleSeconds: 0 });
  const model = await told(ledger, "open", opening);
  if (model === undefined) return;
  for (let request = 0; request < REQUESTS && !isOver(); request++) {
    const question = QUESTIONS[request % QUESTIONS.length] ?? "";
    const way = Math.random();
    if (way < 0.5) await told(ledger, "answers", model.invoke(question));
    else if (way < 0.75) await told(ledger, "answers left", leave(model, question));
    else await told(ledger, "answers aborted", abort(model, question));
  }
  await told(ledger, "close", model.close());
}

type Model = Awaited<ReturnType<typeof createChatModel>>;

async function leave(model: Model, question: string): Promise<void> {
  let pieces = Math.floor(Math.random() * 20);
  for await (const _ of await model.stream(question)) if (pieces-- <= 0) break;
}

async function abort(model: Model, question: string): Promise<void> {
  const signal = AbortSignal.timeout(Math.floor(Math.random() * 150));
  try {
    for await (const _ of await model.stream(question, { signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Counts what came of it: a failure has to be one that is told in a sentence. */
async function told<T>(ledger: Ledger, what: string, action: Promise<T>): Promise<T | undefined> {
  try {
    const value = await ledger.within(what, action);
    ledger.count("done", what);
    return value;
  } catch (error) {
    if (GptOssError.isInstance(error)) ledger.count("failures", error.code);
    else ledger.defects.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return undefined;
  }
}
