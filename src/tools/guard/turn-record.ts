import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";

/** Marks, in `metadata`, the answer to a call that was not made because it was none. */
export const BAD_CALL = "bad_call";

interface Call {
  readonly id?: string | undefined;
  readonly name: string;
  readonly args: unknown;
}

/**
 * What has happened in the turn that is under way: since the last question. Read from the messages and kept nowhere else, so that it
 * holds for any number of conversations at once, and for one that goes on from a checkpoint.
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
  timesCalled({ id, name, args }: Call): number {
    const same = this.#calls.filter((call) => call.name === name && canonical(call.args) === canonical(args));
    const position = same.findIndex((call) => call.id === id);
    return position < 0 ? same.length + 1 : position + 1;
  }

  /** Bad calls since the last good one. */
  get badCallsInARow(): number {
    const good = this.#results.findLastIndex((result) => result.metadata?.[BAD_CALL] !== true);
    return this.#results.length - 1 - good;
  }

  get #calls(): readonly Call[] {
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
