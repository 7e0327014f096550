import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import type { Runnable, RunnableConfig } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { createAgent } from "langchain";
import {
  agentGuardMiddleware,
  type AgentLimits,
  createChatPrompt,
  createStreamingRunnable,
  type HarmonyPart,
  loadPrompt,
  type OnToolEvent,
  type Prompt,
  type ResumedTurn,
} from "../src/index.ts";
import { joinSystemMessages } from "../src/memory/history.ts";
import { partsOf, textsOf } from "../src/model/part-reader.ts";
import { AgentTurn } from "../src/tools/agent-turn.ts";
import { memoryBySession, type SessionMemoryOptions } from "./session-memory.ts";
import { inputText, type TextInput } from "./text-input.ts";

/** Options for `createToolAgent`. A memory with a budget is made for the same tools, which take room. */
export interface ToolAgentOptions extends SessionMemoryOptions {
  readonly model: BaseChatModel;
  /** Any LangChain tools; `createTools` makes some. */
  readonly tools: readonly StructuredToolInterface[];
  /** Default: prompts/agent.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
  /** A system message before the prompt's own, taken as it is. */
  readonly system?: string | undefined;
  readonly limits?: Partial<AgentLimits>;
  /** Milliseconds of one turn; 10 minutes by default. */
  readonly timeLimit?: number;
  /** Told of each call, when it begins and when it ends. */
  readonly onToolEvent?: OnToolEvent | undefined;
  /** Called with each of the model's messages when it is whole: its tokens and times are in it. */
  readonly onMessage?: ((message: AIMessage) => void) | undefined;
  /** The first question was asked before and interrupted; its turn is continued. Only the rest is streamed. */
  readonly resume?: ResumedTurn | undefined;
}

/** The model may call tools, as often as it needs to, before it answers. Streams the text of what it says to the user. */
export function createToolAgent(options: ToolAgentOptions): Runnable<TextInput, string> {
  const answer = answerWith(options);
  return createStreamingRunnable({ name: "agent", generate: (input, config) => textsOf(answer(input, config)) });
}

/** The same agent, streaming every channel as `{ channel, text }`: the thinking, and what it says before a call. Invoked, it gives the answer. */
export function createToolAgentChannels(options: ToolAgentOptions): Runnable<TextInput, HarmonyPart> {
  const answer = answerWith(options);
  return createStreamingRunnable({ name: "agent", generate: (input, config) => partsOf(answer(input, config)) });
}

/**
 * The same agent, streaming message chunks as ChatGptOss does: the answer as text, the thinking and the preambles in `additional_kwargs`,
 * and the tokens of all messages of the turn at its end. `onToolEvent` reports the calls.
 */
export function createToolAgentMessages(options: ToolAgentOptions): Runnable<TextInput, AIMessageChunk> {
  return createStreamingRunnable({ name: "agent", generate: answerWith(options) });
}

function answerWith({
  model,
  tools,
  prompt = loadPrompt("agent"),
  system,
  memory: given,
  limits,
  timeLimit,
  onToolEvent,
  onMessage,
  resume: first,
}: ToolAgentOptions) {
  const template = createChatPrompt(prompt, system);
  const memoryOf = memoryBySession({ ...(given && { memory: given }) });
  let resumed = first;
  return async function* (input: TextInput, config: RunnableConfig): AsyncGenerator<AIMessageChunk> {
    const resume = resumed;
    resumed = undefined;
    const memory = await memoryOf(config);
    const question = await memory.invoke({ input: inputText(input) }, config);
    const done = resume?.calls ?? [];
    const messages = [...joinSystemMessages(await template.formatMessages(question)), ...done];
    let isFirst = done.length === 0;
    const keeper = memory.beginAnswer();
    const noteMessage = (message: AIMessage) => {
      if (isFirst) void memory.meter.invoke(message);
      isFirst = false;
      onMessage?.(message);
    };
    const turn = new AgentTurn({
      signal: config.signal,
      timeLimit,
      tools: tools.map(({ name }) => name),
      keeper,
      resume,
      onMessage: noteMessage,
    });
    const guard = agentGuardMiddleware({ limits, onToolEvent, resume, fit: (sent) => memory.turn(sent) });
    const loop = createAgent({ model, tools: [...tools], middleware: [guard] });
    let complete = false;
    try {
      if (done.length > 0) await keeper.addCalls(done);
      yield* turn.run((options) => loop.stream({ messages }, { ...config, ...options }));
      complete = true;
    } finally {
      await keeper.end(complete);
    }
  };
}
