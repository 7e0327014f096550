import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { MiddlewareError } from "langchain";
import { GptOssError } from "../../errors.ts";
import { type HarmonyPart, PartReader } from "../../harmony/part-reader.ts";
import { stopAgent } from "./agent-limits.ts";

/** How createAgent has to be run for a turn. */
export interface AgentStreamOptions {
  readonly signal: AbortSignal;
  /** LangGraph counts steps; what limits a turn is `agentGuard`. */
  readonly recursionLimit: number;
  readonly streamMode: ("messages" | "updates")[];
}

/** What ends a turn before the model does. */
export interface AgentTurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 10 minutes by default. */
  readonly timeLimit?: number | undefined;
}

const TIME_LIMIT = 600_000;

/** What createAgent streams with these options. */
type AgentUpdate =
  | readonly ["messages", readonly [BaseMessage, { readonly langgraph_step?: number }]]
  | readonly ["updates", Readonly<Record<string, { readonly messages?: readonly BaseMessage[] } | null>>];

/** One turn of an agent: what it says as it comes, and what of it is worth keeping. */
export class AgentTurn {
  readonly #done: BaseMessage[] = [];
  #reader = new PartReader();
  #step: number | undefined;
  #final = "";

  readonly #stop = new AbortController();
  readonly #timeLimit: number;
  readonly #options: AgentTurnOptions;

  constructor(options: AgentTurnOptions = {}) {
    this.#options = options;
    this.#timeLimit = options.timeLimit ?? TIME_LIMIT;
  }

  /**
   * Runs the agent and gives the parts of everything that the model writes. All of it, the tools too, ends with the signal, with the
   * time, and when nobody reads on.
   * @throws GptOssError `agent-stopped` when a limit is reached; whatever the model's class or a callback throws
   */
  async *run(start: (options: AgentStreamOptions) => Promise<AsyncIterable<unknown>>): AsyncGenerator<HarmonyPart> {
    const outOfTime = AbortSignal.timeout(this.#timeLimit);
    const signals = [this.#stop.signal, outOfTime, ...(this.#options.signal ? [this.#options.signal] : [])];
    try {
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
    }
  }

  async *#read(updates: AsyncIterable<unknown>): AsyncGenerator<HarmonyPart> {
    for await (const update of updates as AsyncIterable<AgentUpdate>) {
      if (update[0] === "updates") {
        for (const change of Object.values(update[1])) this.#done.push(...(change?.messages ?? []));
        continue;
      }
      const [message, { langgraph_step: step }] = update[1];
      if (!AIMessage.isInstance(message)) continue;
      if (step !== this.#step) yield* this.#begin(step);
      yield* this.#note(this.#reader.read(message));
    }
    yield* this.#note(this.#reader.end());
  }

  #tooLong(): GptOssError {
    return stopAgent(`it has worked for ${this.#timeLimit / 1_000} seconds`);
  }

  /** Calls with their results. A call that has none is left out, since no server takes it. */
  get calls(): BaseMessage[] {
    const answered = new Set(
      this.#done.flatMap((message) => (ToolMessage.isInstance(message) ? message.tool_call_id : [])),
    );
    const whole = this.#done.filter((message) => {
      return AIMessage.isInstance(message) && hasCalls(message) && callIds(message).every((id) => answered.has(id));
    });
    const known = new Set(whole.flatMap((message) => (AIMessage.isInstance(message) ? callIds(message) : [])));
    return this.#done.filter((message) => {
      return ToolMessage.isInstance(message) ? known.has(message.tool_call_id) : whole.includes(message);
    });
  }

  /** What the model has answered, as far as it came. */
  get answer(): string {
    return this.#final;
  }

  /** Another message of the model's: read by a reader of its own. */
  *#begin(step: number | undefined): Generator<HarmonyPart> {
    yield* this.#note(this.#reader.end());
    this.#reader = new PartReader();
    this.#step = step;
    this.#final = "";
  }

  #note(parts: readonly HarmonyPart[]): readonly HarmonyPart[] {
    for (const { channel, text } of parts) if (channel === "final") this.#final += text;
    return parts;
  }
}

/** Our own error inside of those that LangChain puts around it. */
function causeOf(error: unknown): unknown {
  let current = error;
  while (MiddlewareError.isInstance(current)) current = current.cause;
  return GptOssError.isInstance(current) ? current : error;
}

function hasCalls(message: AIMessage): boolean {
  return callIds(message).length > 0;
}

function callIds(message: AIMessage): string[] {
  return [...(message.tool_calls ?? []), ...(message.invalid_tool_calls ?? [])].map(({ id }) => id ?? "");
}
