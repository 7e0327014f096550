import { createHash } from "node:crypto";
import { AIMessage, BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { z } from "zod";
import { messageOf } from "../../errors/errors.ts";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import type { Case } from "../definition/test-cases.ts";
import { UserCodeError, withinLimit } from "../module-thread.ts";
import type {
  Invocable,
  Program,
  ProgramCase,
  ProgramContext,
  ProgramFunction,
  ProgramReply,
  ProgramRequest,
  ProgramToolCall,
} from "./program.ts";
import { CallRecorder, createRecordedModel } from "./recorded-model.ts";

/** A program may wait long for the model. After this time a promise that never settles ends the result. */
const LIMIT_MS = 60 * 60_000;

/**
 * A function or a Runnable of the program that called `runExperiment`. Without a version its results can't be
 * reused. Two functions with the same source may enclose different values, so the variant's name is part of the identity.
 */
export function createCodeProgram(
  name: string,
  run: ProgramFunction | Invocable,
  version: string | undefined,
): Program {
  const source = typeof run === "function" ? run.toString() : `Runnable ${run.constructor.name}`;
  const identity = createHash("sha256")
    .update(JSON.stringify(["code", name, version]))
    .digest("hex");
  return {
    identity,
    isVolatile: version === undefined,
    description: source,
    openSession: () => ({
      run: async (request) => {
        const work = runProgram(run, request).catch((error: unknown) => {
          if (request.signal.aborted) throw request.signal.reason as Error;
          throw new UserCodeError(`threw: ${messageOf(error)}`, { cause: error });
        });
        return await withinLimit(work, LIMIT_MS, request.signal);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
}

/** Runs a program for one result. @throws what the program throws */
export async function runProgram(
  program: ProgramFunction | Invocable,
  request: ProgramRequest,
  options: ProgramContext["options"] = {},
): Promise<ProgramReply> {
  const { testCase, seed, settings, signal } = request;
  const recorder = new CallRecorder();
  if (typeof program !== "function") {
    // its own model does not get the seed, but its calls are recorded
    const input = invocationInput(testCase) as never;
    return replyOf(await program.invoke(input, { callbacks: [recorder], signal } as never), recorder);
  }
  const model = createRecordedModel(request, recorder);
  const output = await program(testCase, { model, signal, seed, settings, options });
  // a function may also return a chain or an agent that it has built around the model
  if (!isInvocable(output)) return replyOf(output, recorder);
  return replyOf(await output.invoke(invocationInput(testCase) as never, { signal } as never), recorder);
}

export function isInvocable(value: unknown): value is Invocable {
  return typeof value === "object" && value !== null && "invoke" in value && typeof value.invoke === "function";
}

/** The variables; and for agents the conversation, if it is clear which variable the user's message is. */
function invocationInput({ variables, history }: ProgramCase): Readonly<Record<string, unknown>> {
  const values = Object.values(variables);
  const said = variables["input"] ?? (values.length === 1 ? values[0] : undefined);
  return {
    ...variables,
    ...(said !== undefined && { messages: [...historyMessages(history), new HumanMessage(said)] }),
  };
}

const turnsSchema = z.array(z.object({ text: z.string(), steps: z.number() }));

function replyOf(output: unknown, recorder: CallRecorder): ProgramReply {
  const { messages, ...rest } = partsOf(output);
  for (const message of messages) recorder.noteResult(message);
  return { ...rest, steps: recorder.steps };
}

type Parts = Omit<ProgramReply, "steps"> & { readonly messages: readonly BaseMessage[] };

function partsOf(output: unknown): Parts {
  const nothing = { toolCalls: undefined, turns: undefined, messages: [] };
  if (typeof output === "string") return { ...nothing, text: output };
  if (BaseMessage.isInstance(output)) return { ...nothing, text: output.text };
  if (typeof output !== "object" || output === null) {
    return { ...nothing, text: output === undefined ? "" : JSON.stringify(output) };
  }
  const { text, messages: given, toolCalls, turns: ended } = output as Readonly<Record<string, unknown>>;
  const messages = Array.isArray(given) ? given.filter((message) => BaseMessage.isInstance(message)) : [];
  const calls = Array.isArray(toolCalls) ? (toolCalls as readonly ProgramToolCall[]).map(readCall) : undefined;
  const turns = turnsSchema.safeParse(ended).data;
  if (typeof text === "string") return { text, toolCalls: calls, messages, turns };
  if (messages.length > 0) {
    const last = messages.findLast((message) => AIMessage.isInstance(message));
    return { text: last?.text ?? "", toolCalls: calls, messages, turns };
  }
  return { text: JSON.stringify(output), toolCalls: calls, messages, turns };
}

function readCall({ name, arguments: written, args }: ProgramToolCall): {
  readonly name: string;
  readonly arguments: string;
} {
  const value = written ?? args ?? {};
  return { name, arguments: typeof value === "string" ? value : JSON.stringify(value) };
}

/** Earlier messages as LangChain has them. A tool's message answers the earliest call that has no result yet. */
export function historyMessages(history: Case["history"]): BaseMessage[] {
  const open: string[] = [];
  let calls = 0;
  return history.map((message) => {
    const content = sanitizeControlTokens(message.content);
    if (message.role === "user") return new HumanMessage(content);
    if (message.role === "tool") return new ToolMessage({ content, tool_call_id: open.shift() ?? "" });
    const made = message.tool_calls.map(({ name, arguments: args }) => ({ name, args, id: `call-${++calls}` }));
    open.push(...made.map(({ id }) => id));
    return new AIMessage({ content, tool_calls: made });
  });
}
