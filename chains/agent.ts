import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { createAgent } from "langchain";
import {
  agentGuard,
  type AgentLimits,
  AgentTurn,
  chatPromptOf,
  createMemory,
  type HarmonyPart,
  joinSystemMessages,
  loadPrompt,
  type Memory,
  type OnToolEvent,
  type Prompt,
  type ResumedTurn,
} from "../src/index.ts";
import { answerOf, finalOf } from "./channels.ts";
import { StreamingChain } from "./streaming.ts";

/** Who acts, with which tools, and within which limits. */
export interface AgentOptions {
  readonly model: BaseChatModel;
  /** Any LangChain tools; `createTools` makes some. */
  readonly tools: readonly StructuredToolInterface[];
  /** Default: prompts/agent.md. Its one variable is `input`. */
  readonly prompt?: Prompt;
  /** A system message before the prompt's own, taken as it is. */
  readonly system?: string | undefined;
  /** What was said so far, and where it is kept, calls and their results included; default: in memory. */
  readonly history?: BaseListChatMessageHistory;
  /** What of it is sent; default: all. Made for the same history, which is to be given too, and for the same tools, which take room. */
  readonly memory?: Memory;
  readonly limits?: Partial<AgentLimits>;
  /** Milliseconds of one turn; 10 minutes by default. */
  readonly timeLimit?: number;
  /** Told of each call, when it begins and when it ends. */
  readonly onToolEvent?: OnToolEvent;
  /** Told of each of the model's messages when it is whole: its tokens and times stand in it. */
  readonly onMessage?: (message: AIMessage) => void;
  /** The first question was asked before and interrupted; its turn goes on. */
  readonly resume?: ResumedTurn | undefined;
}

/** The model may call tools, as often as it needs to, before it answers. Streams the text of what it says to the user. */
export function agent(options: AgentOptions): Runnable<string, string> {
  return finalOf(agentChannels(options));
}

/** The same agent, streaming every channel as `{ channel, text }`: the thinking, and what it says before a call. Invoked, it gives the answer. */
export function agentChannels({
  model,
  tools,
  prompt = loadPrompt("agent"),
  system,
  history = new InMemoryChatMessageHistory(),
  memory = createMemory({ history }),
  limits,
  timeLimit,
  onToolEvent,
  onMessage,
  resume: first,
}: AgentOptions): Runnable<string, HarmonyPart> {
  const template = chatPromptOf(prompt, system);
  let resumed = first;
  return new StreamingChain<string, HarmonyPart>(async function* (input, config) {
    const resume = resumed;
    resumed = undefined;
    const question = await memory.invoke({ input }, config);
    const keeper = memory.beginAnswer();
    const done = resume?.calls ?? [];
    const messages = [...joinSystemMessages(await template.formatMessages(question)), ...done];
    let isFirst = done.length === 0;
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
    const guard = agentGuard({ limits, onToolEvent, resume, fit: (sent) => memory.turn(sent) });
    const loop = createAgent({ model, tools: [...tools], middleware: [guard] });
    let complete = false;
    try {
      if (done.length > 0) await keeper.addCalls(done);
      yield* turn.run((options) => loop.stream({ messages }, { ...config, ...options }));
      complete = true;
    } finally {
      await keeper.end(complete);
    }
  }, answerOf);
}
