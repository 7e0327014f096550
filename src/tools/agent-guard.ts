import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage, ToolMessage, HumanMessage } from "@langchain/core/messages";
import {
  type AgentMiddleware,
  createMiddleware,
  type ToolCallHandler,
  type ToolCallRequest,
  ToolInvocationError,
} from "langchain";
import { messageOf } from "../errors/errors.ts";
import { errorDetail } from "../i18n/error-messages.ts";
import { showableText, revealLine } from "../terminal/untrusted-text.ts";
import { type AgentLimits, DEFAULT_LIMITS, stopAgent } from "./agent-turn.ts";
import { presentResult } from "./define-tool.ts";
import { type ResumedTurn, wholeMessage } from "./resumed-turn.ts";
import { ToolRefusal } from "./tool-result.ts";

/** The limits of a turn, and who is told of its calls. */
export interface AgentGuardMiddlewareOptions {
  readonly limits?: Partial<AgentLimits> | undefined;
  /** Told of each call that is made, when it begins and when it ends. */
  readonly onToolEvent?: OnToolEvent | undefined;
  /** Makes what is sent after a tool's result fit; by default all of it is sent. */
  readonly fit?: ((messages: readonly BaseMessage[]) => Promise<BaseMessage[]>) | undefined;
  /** The first of the model's messages goes on where another one was cut. */
  readonly resume?: ResumedTurn | undefined;
}

/**
 * Middleware for createAgent that copes with what gpt-oss gets wrong: calls of tools that were never offered, arguments that are no JSON
 * or do not fit, calls that were cut off, the same call over and over. It limits a turn, makes every result safe, and tells the model
 * of a tool's failure instead of ending the turn.
 * @throws GptOssError `agent-stopped`, as the cause of what createAgent throws, when a limit is reached
 */
export function agentGuardMiddleware(options: AgentGuardMiddlewareOptions = {}): AgentMiddleware {
  const { limits: given = {}, onToolEvent, fit } = options;
  const limits = { ...DEFAULT_LIMITS, ...given };
  let { resume } = options;
  return createMiddleware({
    name: "AgentGuard",
    beforeModel: (state) => {
      if (new TurnRecord(state.messages).modelCalls >= limits.modelCalls) {
        throw stopAgent(errorDetail("modelCallLimit", limits.modelCalls));
      }
    },
    wrapModelCall: async (request, handler) => {
      const isLoop = ToolMessage.isInstance(request.messages.at(-1));
      const messages = isLoop && fit !== undefined ? await fit(request.messages) : request.messages;
      const resumed = resume;
      resume = undefined;
      if (resumed?.from === undefined) {
        return withUniqueCallIds(await handler({ ...request, messages }), request.messages);
      }
      const modelSettings = { ...request.modelSettings, resumeFrom: resumed.from };
      const message = wholeMessage(await handler({ ...request, messages, modelSettings }), resumed);
      return withUniqueCallIds(message, request.messages);
    },
    afterModel: {
      canJumpTo: ["model"],
      hook: (state) => {
        const record = new TurnRecord(state.messages);
        if (record.toolCalls > limits.toolCalls) throw stopAgent(errorDetail("toolCallLimit", limits.toolCalls));
        const answer = state.messages.at(-1);
        const broken = AIMessage.isInstance(answer) ? (answer.invalid_tool_calls ?? []) : [];
        if (!AIMessage.isInstance(answer) || broken.length === 0) return undefined;
        if (record.badCallsInARow >= limits.badCalls) throw stopAgent(errorDetail("badCallsWritten"));
        const messages = broken.map((call) => badCall(call, describeBrokenCall(answer)));
        // good calls of the same answer are made first
        return (answer.tool_calls ?? []).length > 0 ? { messages } : { messages, jumpTo: "model" as const };
      },
    },
    wrapToolCall: async (request, handler) => {
      const result = await guardedCall(request, handler, { limits, onToolEvent });
      if (!ToolMessage.isInstance(result) || typeof result.content !== "string") return result;
      result.content = presentResult(result.content);
      return result;
    },
  });
}

type ToolResult = Awaited<ReturnType<ToolCallHandler>>;

interface CallOptions {
  readonly limits: AgentLimits;
  readonly onToolEvent: OnToolEvent | undefined;
}

/** Makes one call, unless it is none or has been made too often; whatever goes wrong becomes an answer for the model. */
export async function guardedCall(
  request: ToolCallRequest,
  handler: ToolCallHandler,
  { limits, onToolEvent }: CallOptions,
): Promise<ToolResult> {
  const { toolCall, tool, state, runtime } = request;
  const record = new TurnRecord(state.messages);
  const bad = (content: string) => {
    if (record.badCallsInARow >= limits.badCalls) throw stopAgent(errorDetail("badCallsMade"));
    return badCall(toolCall, content);
  };
  // the handler says so itself, with the list of tools
  if (tool === undefined) return bad(contentOf(await handler(request)));
  const times = record.timesCalled(toolCall);
  if (times > limits.sameCall) throw stopAgent(errorDetail("sameCallAgain", toolCall.name));
  if (times === limits.sameCall) return repeated(toolCall, times);

  const call = { id: toolCall.id ?? "", name: toolCall.name };
  onToolEvent?.({ type: "tool-start", ...call, input: toolCall.args });
  const began = performance.now();
  const end = (outcome: Extract<ToolEvent, { type: "tool-end" }>["outcome"], result: string) => {
    const milliseconds = performance.now() - began;
    onToolEvent?.({ type: "tool-end", ...call, outcome, result, milliseconds, bytes: Buffer.byteLength(result) });
  };
  try {
    const result = await handler(request);
    end("done", contentOf(result));
    return result;
  } catch (error) {
    const sentence = presentResult(`Error: ${describeError(error)}`);
    end(error instanceof ToolRefusal ? "refused" : "failed", sentence);
    if (runtime.signal?.aborted || isInterrupt(error)) throw error;
    if (ToolInvocationError.isInstance(error)) return bad(sentence);
    return new ToolMessage({ content: sentence, tool_call_id: call.id, name: call.name, status: "error" });
  }
}

function repeated({ id, name }: ToolCallRequest["toolCall"], times: number): ToolMessage {
  return new ToolMessage({
    content: `Error: you have made this same call ${times} times; it was not made again. Use the results above, or answer without.`,
    tool_call_id: id ?? "",
    name,
    status: "error",
  });
}

/** LangChain's message for arguments that do not fit holds a stack: what is wrong is said by its cause alone. */
function describeError(error: unknown): string {
  if (!ToolInvocationError.isInstance(error)) return showableText(messageOf(error));
  const { toolError } = error;
  return `the arguments do not fit, so the call was not made: ${messageOf(toolError)}`;
}

/** A question of LangGraph's own (human in the loop) and no failure. */
function isInterrupt(error: unknown): boolean {
  return typeof error === "object" && error !== null && "is_bubble_up" in error;
}

function contentOf(result: ToolResult): string {
  return ToolMessage.isInstance(result) ? result.text : "";
}

/** Marks, in `metadata`, the answer to a call that was not made because it was none. */
export const BAD_CALL = "bad_call";

interface PlainCall {
  readonly id?: string | undefined;
  readonly name: string;
  readonly args: unknown;
}

/**
 * What has happened in the current turn, since the last question. It is read from the messages and stored nowhere else, so it is right
 * for many conversations at once and for a turn that is resumed. LangChain's modelCallLimitMiddleware and toolCallLimitMiddleware count
 * in the agent's state instead, per invocation or per thread: a resumed turn would start at 0 again, and a long conversation would run
 * out. They also know no limit for bad or repeated calls.
 */
export class TurnRecord {
  readonly #answers: readonly AIMessage[];
  readonly #results: readonly ToolMessage[];

  constructor(messages: readonly BaseMessage[]) {
    const turn = messages.slice(messages.findLastIndex((message) => HumanMessage.isInstance(message)) + 1);
    this.#answers = turn.filter((message) => AIMessage.isInstance(message));
    this.#results = turn.filter((message) => ToolMessage.isInstance(message));
  }

  get modelCalls(): number {
    return this.#answers.length;
  }

  get toolCalls(): number {
    return this.#calls.length;
  }

  /** How often the same call was made up to and including this one. */
  timesCalled({ id, name, args }: PlainCall): number {
    const same = this.#calls.filter((call) => call.name === name && canonical(call.args) === canonical(args));
    const position = same.findIndex((call) => call.id === id);
    return position < 0 ? same.length + 1 : position + 1;
  }

  /** Bad calls since the last good one. */
  get badCallsInARow(): number {
    const good = this.#results.findLastIndex((result) => result.metadata?.[BAD_CALL] !== true);
    return this.#results.length - 1 - good;
  }

  get #calls(): readonly PlainCall[] {
    return this.#answers.flatMap((answer) => answer.tool_calls ?? []);
  }
}

/** JSON in which the order of names makes no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** The answer to a call that can't be made. */
export function badCall(
  { id, name }: { readonly id?: string | undefined; readonly name?: string | undefined },
  content: string,
): ToolMessage {
  return new ToolMessage({
    content,
    tool_call_id: id ?? "",
    ...(name !== undefined && { name }),
    status: "error",
    metadata: { [BAD_CALL]: true },
  });
}

/** Why the arguments of a call could not be read. */
export function describeBrokenCall(answer: AIMessage): string {
  const metadata = answer.response_metadata as { readonly finish_reason?: unknown };
  if (metadata.finish_reason === "length") {
    return "Error: this call was cut off at the limit of tokens and was not made. Write a shorter one.";
  }
  return "Error: the arguments of this call are not valid JSON, so it was not made. Call again with one JSON object.";
}

/**
 * Gives each call of an answer an id that no earlier call of the conversation has. LangGraph tells by the ids which calls still have to
 * be made, but some servers give `call_0` to the first call of every answer, one id to several calls, or none.
 */
export function withUniqueCallIds(answer: AIMessage, earlier: readonly BaseMessage[]): AIMessage {
  const used = new Set(earlier.flatMap((message) => (AIMessage.isInstance(message) ? idsOf(message) : [])));
  const own = idsOf(answer);
  if (own.every((id, position) => id !== "" && !used.has(id) && own.indexOf(id) === position)) return answer;
  const unique = <Call extends { readonly id?: string | undefined }>(call: Call): Call => {
    const id = call.id === undefined || call.id === "" || used.has(call.id) ? `call_${randomUUID()}` : call.id;
    used.add(id);
    return { ...call, id };
  };
  const { id, name, content, additional_kwargs, response_metadata, usage_metadata } = answer;
  return new AIMessage({
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    content,
    additional_kwargs,
    response_metadata,
    ...(usage_metadata && { usage_metadata }),
    tool_calls: (answer.tool_calls ?? []).map(unique),
    invalid_tool_calls: (answer.invalid_tool_calls ?? []).map(unique),
  });
}

function idsOf({ tool_calls = [], invalid_tool_calls = [] }: AIMessage): string[] {
  return [...tool_calls, ...invalid_tool_calls].map(({ id = "" }) => id);
}

/** What happens to a call, for whoever shows it. */
export type ToolEvent =
  | { readonly type: "tool-start"; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: "tool-end";
      readonly id: string;
      readonly name: string;
      readonly outcome: "done" | "failed" | "refused";
      /** What the model is told. */
      readonly result: string;
      readonly milliseconds: number;
      /** UTF-8, of the result. */
      readonly bytes: number;
    };

/** Told of each call, when it begins and when it ends. */
export type OnToolEvent = (event: ToolEvent) => void;

/** Characters of arguments that one line shows. */
const MOST_CHARACTERS = 200;

/** A call in one line for a person: its arguments when it begins, how it went, how long it took and the size of its result when it ends. */
export function describeToolEvent(event: ToolEvent): string {
  if (event.type === "tool-start") {
    const input = revealLine(JSON.stringify(event.input) ?? "");
    const shown = input.length > MOST_CHARACTERS ? `${input.slice(0, MOST_CHARACTERS)}…` : input;
    return `[tool] ${revealLine(event.name)} ${shown}`;
  }
  const seconds = (event.milliseconds / 1_000).toFixed(1);
  return `[tool] ${revealLine(event.name)}: ${event.outcome}, ${seconds} s, ${event.bytes} bytes`;
}
