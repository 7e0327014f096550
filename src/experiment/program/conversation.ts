import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { messageOf } from "../../errors/errors.ts";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import { createChatPrompt, type Prompt } from "../../prompts/prompts.ts";
import { fillTemplate } from "../../prompts/template.ts";
import { createTools } from "../../tools/create-tools.ts";
import { fillAll } from "../checks/built-in-checks.ts";
import type { ToolDefinition } from "../definition/schema.ts";
import type { Program, ProgramCase, ProgramContext } from "./program.ts";
import { historyMessages, runProgram } from "./run-program.ts";

export interface ConversationOptions {
  readonly prompt: Prompt;
  readonly tools: readonly ToolDefinition[];
  /** Real tools, as for `gpt-oss chat --tools`. */
  readonly toolbox: string | undefined;
  /** Most calls of the model for one message of the user. */
  readonly maxSteps: number;
  readonly responseSchema: Readonly<Record<string, unknown>> | undefined;
}

/** A prompt whose answer takes several calls of the model: tools return something, or the user says more. */
export function createConversationProgram(options: ConversationOptions): Program {
  const { prompt, tools, toolbox, maxSteps, responseSchema } = options;
  const identity = createHash("sha256")
    .update(JSON.stringify(["conversation", prompt.system, prompt.body, tools, toolbox, maxSteps, responseSchema]))
    .digest("hex");
  return {
    identity,
    isVolatile: false,
    description: prompt.body,
    openSession: () => ({
      run: async (request) => await runProgram((input, context) => converse(input, context, options), request),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
}

/** Whether tools return something, so that the model is asked again after a call. */
export function hasResults({ tools, toolbox }: Pick<ConversationOptions, "tools" | "toolbox">): boolean {
  return toolbox !== undefined || tools.some(({ results }) => results !== undefined);
}

/** The answer to each message of the user, and how many calls of the model there were up to its end. */
interface Turn {
  readonly text: string;
  readonly steps: number;
}

async function converse(
  input: ProgramCase,
  context: ProgramContext,
  { prompt, tools, toolbox, maxSteps, responseSchema }: ConversationOptions,
): Promise<{ readonly text: string; readonly messages: readonly BaseMessage[]; readonly turns: readonly Turn[] }> {
  const { model, signal } = context;
  await using real = toolbox === undefined ? undefined : await createTools(toolbox);
  const functions = tools.map(({ name, description, parameters }) => ({
    type: "function" as const,
    function: { name, description, parameters },
  }));
  const offered = [...functions, ...(real?.tools ?? [])];
  const options = {
    signal,
    ...(offered.length > 0 && { tools: offered }),
    ...(responseSchema && {
      response_format: {
        type: "json_schema" as const,
        json_schema: { name: "answer", strict: true, schema: responseSchema },
      },
    }),
  };
  const messages = await openingMessages(prompt, input);
  const turns: Turn[] = [];
  let steps = 0;
  for (const turn of [undefined, ...input.turns]) {
    if (turn !== undefined) messages.push(new HumanMessage(sanitizeControlTokens(fillTemplate(turn, input.variables))));
    let text = "";
    for (let step = 0; step < maxSteps; step++) {
      const answer = await model.invoke(messages, options);
      steps++;
      messages.push(answer);
      text = answer.text;
      const results = await resultsOf(answer, { input, tools, real: real?.tools ?? [], signal });
      if (results === undefined) break;
      messages.push(...results);
    }
    turns.push({ text, steps });
    // a call without a result ends the conversation
    if (hasOpenCall(messages)) break;
  }
  return { text: turns.at(-1)?.text ?? "", messages, turns };
}

function hasOpenCall(messages: readonly BaseMessage[]): boolean {
  const last = messages.at(-1);
  return AIMessage.isInstance(last) && (last.tool_calls ?? []).length > 0;
}

async function openingMessages(prompt: Prompt, { variables, history }: ProgramCase): Promise<BaseMessage[]> {
  return await createChatPrompt(prompt).formatMessages({ ...variables, history: historyMessages(history) });
}

interface ToolSurroundings {
  readonly input: ProgramCase;
  readonly tools: readonly ToolDefinition[];
  readonly real: Awaited<ReturnType<typeof createTools>>["tools"];
  readonly signal: AbortSignal;
}

/** What the tools return for the calls of a message; undefined when there is no call, or one that no tool answers. */
async function resultsOf(answer: AIMessage, surroundings: ToolSurroundings): Promise<ToolMessage[] | undefined> {
  const { tools, real } = surroundings;
  const calls = answer.tool_calls ?? [];
  if (calls.length === 0) return undefined;
  const isFinal = calls.some(({ name }) => {
    const tool = tools.find((one) => one.name === name);
    return tool !== undefined && tool.results === undefined && !real.some((one) => one.name === name);
  });
  if (isFinal) return undefined;
  return await Promise.all(
    calls.map(
      async ({ name, args, id = "" }) =>
        new ToolMessage({ name, content: await resultOf(name, args, surroundings), tool_call_id: id }),
    ),
  );
}

type Arguments = Readonly<Record<string, unknown>>;

async function resultOf(name: string, args: Arguments, { input, tools, real, signal }: ToolSurroundings) {
  const tool = real.find((one) => one.name === name);
  if (tool) {
    try {
      return String(await tool.invoke(args, { signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      return messageOf(error);
    }
  }
  const canned = tools.find((one) => one.name === name)?.results;
  if (canned === undefined) return `There is no tool ${name}.`;
  const values = { variables: input.variables, expected: undefined };
  const found = canned.find(({ arguments: wanted }) =>
    Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(args[key], fillAll(value, values))),
  );
  if (found === undefined) return "Error: nothing is known of these arguments.";
  const result = fillAll(found.result, values);
  return sanitizeControlTokens(typeof result === "string" ? result : JSON.stringify(result));
}
