import type { AIMessage, AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import { type Answer, type AnswerPart, FigureSum } from "./answer.ts";
import { getPreamble, getReasoning } from "../model/read-message.ts";

/** The beginning of a message that was interrupted. */
export interface PartialAnswer {
  readonly thinking: string;
  readonly text: string;
}

export interface StreamAnswerOptions {
  readonly question: string;
  /**
   * Begins to answer; what it throws is the answer's failure. Where the model is asked more than once in a turn, each of its messages is
   * told by `endMessage` when it is whole.
   */
  readonly open: (endMessage: (message: AIMessage) => void) => Promise<AsyncIterable<AIMessageChunk>>;
  readonly signal: AbortSignal;
  readonly onPart: (part: AnswerPart) => void;
  /** Stores a piece of the text before it is shown, where what streams does not. */
  readonly keep?: (text: string) => void;
  /** The beginning of the answer, if it was interrupted before. */
  readonly begun?: PartialAnswer | undefined;
}

/** An answer, with what a later continuation has to know of it. */
export interface StreamedAnswer extends Answer {
  /** The message that was being written: in a turn with tools only the last one of it. */
  readonly current: PartialAnswer;
  /** The last piece of it, about a token, after which a continuation can set in. */
  readonly lastPiece: string;
}

interface OpenCall {
  name: string;
  arguments: string;
}

/** Reads one answer to its end, its failure or its interruption, whichever comes first; an abort is obeyed at once. */
export async function streamAnswer(options: StreamAnswerOptions): Promise<StreamedAnswer> {
  const { signal, question } = options;
  const answer = new AnswerReader(options);
  const aborted = new Promise<"aborted">((resolve) => {
    if (signal.aborted) resolve("aborted");
    signal.addEventListener(
      "abort",
      () => {
        resolve("aborted");
      },
      { once: true },
    );
  });
  let iterator: AsyncIterator<AIMessageChunk> | undefined;
  try {
    const opened = options.open(answer.endMessage).then((chunks) => (iterator = chunks[Symbol.asyncIterator]()));
    // the one that loses the race must not end the process
    opened.catch(() => undefined);
    if ((await Promise.race([opened, aborted])) !== "aborted") {
      for (;;) {
        const next = iterator?.next();
        next?.catch(() => undefined);
        const result = await Promise.race([next, aborted]);
        if (result === undefined || result === "aborted" || result.done) break;
        answer.read(result.value);
      }
    }
    answer.end();
    return answer.result(question, signal.aborted ? "interrupted" : "answered");
  } catch (failure) {
    answer.end();
    return signal.aborted ? answer.result(question, "interrupted") : { ...answer.result(question, "failed"), failure };
  } finally {
    // not waited for: the prompt comes back first
    Promise.resolve(iterator?.return?.()).catch(() => undefined);
  }
}

class AnswerReader {
  readonly #options: StreamAnswerOptions;
  readonly #calls: OpenCall[] = [];
  #thinking: string;
  #text: string;
  #preamble = "";
  #current: PartialAnswer;
  #lastPiece = "";
  #isToldOfEnds = false;
  #finishReason: string | undefined;
  readonly #figures = new FigureSum();

  constructor(options: StreamAnswerOptions) {
    this.#options = options;
    this.#thinking = options.begun?.thinking ?? "";
    this.#text = options.begun?.text ?? "";
    this.#current = { thinking: this.#thinking, text: this.#text };
  }

  /** A message is whole, and what comes belongs to another one. */
  readonly endMessage = (message: AIMessage): void => {
    this.#isToldOfEnds = true;
    this.#readEnd(message);
    this.#current = { thinking: "", text: "" };
    this.#lastPiece = "";
  };

  read(chunk: AIMessageChunk): void {
    const { onPart, keep } = this.#options;
    const preamble = getPreamble(chunk);
    const thinking = getReasoning(chunk);
    const text = chunk.text;
    if (thinking !== "") onPart({ type: "thinking", text: thinking });
    if (preamble !== "") onPart({ type: "preamble", text: preamble });
    if (text !== "") {
      keep?.(text);
      onPart({ type: "text", text });
    }
    this.#thinking += thinking;
    this.#preamble += preamble;
    this.#text += text;
    this.#current = { thinking: this.#current.thinking + thinking, text: this.#current.text + text };
    this.#lastPiece = text || thinking || this.#lastPiece;
    for (const { name, args } of chunk.tool_call_chunks ?? []) {
      if (name) this.#calls.push({ name, arguments: args ?? "" });
      else {
        const call = this.#calls.at(-1);
        if (call) call.arguments += args ?? "";
      }
    }
    // the last chunk of a turn of several messages adds them up
    if (!this.#isToldOfEnds) this.#readEnd(chunk);
  }

  /** Reports the calls, which are complete now. */
  end(): void {
    for (const call of this.#calls) this.#options.onPart({ type: "call", ...call });
  }

  result(question: string, outcome: Answer["outcome"]): StreamedAnswer {
    return {
      outcome,
      question,
      thinking: this.#thinking,
      preamble: this.#preamble,
      calls: this.#calls,
      text: this.#text,
      finishReason: this.#finishReason,
      figures: this.#figures.figures,
      current: this.#current,
      lastPiece: this.#lastPiece,
    };
  }

  #readEnd(message: BaseMessage): void {
    const { finish_reason: reason } = message.response_metadata as { finish_reason?: string };
    if (reason === undefined) return;
    this.#finishReason = reason;
    this.#figures.add(message);
  }
}
