import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { MiddlewareError } from "langchain";
import type { GptOssError, ErrorDetail } from "../errors/errors.ts";
import { errorDetail, createError } from "../i18n/error-messages.ts";
import { MessageReader } from "../model/part-reader.ts";
import { getPreamble, getReasoning } from "../model/read-message.ts";
import { AnsweredCalls, type ResumedTurn } from "./resumed-turn.ts";

/** How createAgent has to be run for a turn. */
export interface AgentStreamOptions {
  readonly signal: AbortSignal;
  /** LangGraph counts steps; what limits a turn is `agentGuardMiddleware`. */
  readonly recursionLimit: number;
  readonly streamMode: ("messages" | "updates")[];
}

/** Where a turn is kept while it goes on; `Memory.beginAnswer` gives one. */
export interface TurnKeeper {
  /** A piece of the answer, before it is shown. */
  add(text: string): void;
  /** Calls with their results, as soon as they are whole. What was added before belongs to them. */
  addCalls(messages: readonly BaseMessage[]): Promise<void>;
}

/** What ends a turn before the model does. */
export interface AgentTurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 10 minutes by default. */
  readonly timeLimit?: number | undefined;
  /** Names of the agent's tools: text of a model class that gives raw harmony is read with them. */
  readonly tools?: readonly string[] | undefined;
  readonly keeper?: TurnKeeper | undefined;
  /** The turn was interrupted, and goes on. */
  readonly resume?: ResumedTurn | undefined;
  /** Told of each of the model's messages when it is whole. */
  readonly onMessage?: ((message: AIMessage) => void) | undefined;
}

const TIME_LIMIT = 600_000;

/** What createAgent streams with these options. */
type AgentUpdate =
  | readonly ["messages", readonly [BaseMessage, { readonly langgraph_step?: number }]]
  | readonly ["updates", Readonly<Record<string, { readonly messages?: readonly BaseMessage[] } | null>>];

/** One turn of an agent: its text while it arrives, and the messages to store. */
export class AgentTurn {
  #reader: MessageReader;
  #step: number | undefined;
  /** The tokens of all messages, and what the last one says of its end. */
  #end: AIMessageChunk | undefined;

  readonly #calls = new AnsweredCalls();
  readonly #stop = new AbortController();
  readonly #timeLimit: number;
  readonly #options: AgentTurnOptions;

  constructor(options: AgentTurnOptions = {}) {
    this.#options = options;
    this.#reader = new MessageReader({ tools: options.tools ?? [], lead: options.resume?.lead });
    this.#timeLimit = options.timeLimit ?? TIME_LIMIT;
  }

  /**
   * Runs the agent and yields what the model says, without its calls, and the tokens of the whole turn at the end. All of it, the tools
   * too, ends with the signal, with the time, and when the reader leaves; calls that were answered by then are stored.
   * @throws GptOssError `agent-stopped` when a limit is reached; whatever the model's class or a callback throws
   */
  async *run(start: (options: AgentStreamOptions) => Promise<AsyncIterable<unknown>>): AsyncGenerator<AIMessageChunk> {
    const outOfTime = AbortSignal.timeout(this.#timeLimit);
    const signals = [this.#stop.signal, outOfTime, ...(this.#options.signal ? [this.#options.signal] : [])];
    const { keeper, resume } = this.#options;
    try {
      if (resume?.from?.channel === "final") keeper?.add(resume.from.text);
      const streamMode: AgentStreamOptions["streamMode"] = ["messages", "updates"];
      yield* this.#read(await start({ signal: AbortSignal.any(signals), recursionLimit: 1_000, streamMode }));
      // a stream that is aborted may just end
      this.#options.signal?.throwIfAborted();
      if (outOfTime.aborted) throw this.#tooLong();
    } catch (error) {
      if (outOfTime.aborted && this.#options.signal?.aborted !== true) throw this.#tooLong();
      throw causeOf(error);
    } finally {
      this.#stop.abort();
      await this.#keep(this.#calls.takeRest());
    }
  }

  async *#read(updates: AsyncIterable<unknown>): AsyncGenerator<AIMessageChunk> {
    for await (const update of updates as AsyncIterable<AgentUpdate>) {
      if (update[0] === "updates") {
        for (const change of Object.values(update[1])) await this.#noteMessages(change?.messages ?? []);
        continue;
      }
      const [message, { langgraph_step: step }] = update[1];
      if (!AIMessage.isInstance(message)) continue;
      if (step !== this.#step) yield* this.#begin(step);
      yield* this.#note(this.#reader.read(message));
    }
    yield* this.#note(this.#reader.end());
    if (this.#end !== undefined) yield this.#end;
  }

  async #noteMessages(messages: readonly BaseMessage[]): Promise<void> {
    for (const message of messages) {
      if (AIMessage.isInstance(message)) this.#noteEnd(message);
      await this.#keep(this.#calls.take(message));
    }
  }

  #noteEnd(message: AIMessage): void {
    const { usage_metadata, response_metadata } = message;
    const sum = new AIMessageChunk({ content: "", ...usageOf(this.#end) }).concat(
      new AIMessageChunk({ content: "", ...(usage_metadata && { usage_metadata }) }),
    );
    this.#end = new AIMessageChunk({ content: "", ...usageOf(sum), response_metadata });
    this.#options.onMessage?.(message);
  }

  async #keep(messages: readonly BaseMessage[]): Promise<void> {
    if (messages.length > 0) await this.#options.keeper?.addCalls(messages);
  }

  #tooLong(): GptOssError {
    return stopAgent(errorDetail("timeLimit", this.#timeLimit / 1_000));
  }

  /** Another message of the model's: read by a reader of its own. */
  *#begin(step: number | undefined): Generator<AIMessageChunk> {
    if (this.#step !== undefined) {
      yield* this.#note(this.#reader.end());
      this.#reader = new MessageReader({ tools: this.#options.tools ?? [] });
    }
    this.#step = step;
  }

  *#note(chunks: readonly AIMessageChunk[]): Generator<AIMessageChunk> {
    for (const chunk of chunks) {
      const said = withoutEnd(chunk);
      if (said.text === "" && getReasoning(said) === "" && getPreamble(said) === "") continue;
      if (said.text !== "") this.#options.keeper?.add(said.text);
      yield said;
    }
  }
}

/** A chunk without calls, tokens and metadata: those of several messages would be joined to nonsense. */
function withoutEnd(chunk: AIMessageChunk): AIMessageChunk {
  const { id, content, additional_kwargs, response_metadata } = chunk;
  const isPlain = (chunk.tool_call_chunks ?? []).length === 0 && response_metadata["finish_reason"] === undefined;
  if (isPlain && chunk.usage_metadata === undefined) return chunk;
  const { reasoning_content, preamble } = additional_kwargs;
  return new AIMessageChunk({
    ...(id !== undefined && { id }),
    content: typeof content === "string" ? content : content.filter(({ type }) => !type.startsWith("tool_call")),
    additional_kwargs: {
      ...(reasoning_content !== undefined && { reasoning_content }),
      ...(preamble !== undefined && { preamble }),
    },
    response_metadata: { model_provider: response_metadata["model_provider"] },
  });
}

function usageOf(message: AIMessageChunk | undefined) {
  return message?.usage_metadata && { usage_metadata: message.usage_metadata };
}

/** What was thrown, inside of what LangChain puts around it. */
function causeOf(error: unknown): unknown {
  let current = error;
  while (MiddlewareError.isInstance(current) && current.cause !== undefined) current = current.cause;
  return current;
}

/** How far one turn of an agent may go. */
export interface AgentLimits {
  /** Questions to the model. */
  readonly modelCalls: number;
  readonly toolCalls: number;
  /** Of the same call: it is made one time fewer, then refused; one more ends the turn. */
  readonly sameCall: number;
  /** How often the model is told that a call was none, and asked again. */
  readonly badCalls: number;
}

export const DEFAULT_LIMITS: AgentLimits = { modelCalls: 15, toolCalls: 30, sameCall: 3, badCalls: 2 };

/** Ends a turn that would not end by itself. */
export function stopAgent(why: ErrorDetail): GptOssError {
  return createError("agentStopped", [why]);
}
