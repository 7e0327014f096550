import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
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
  /** What was said so far, and where it is kept, calls and their results included; default: in memory. */
  readonly history?: BaseListChatMessageHistory;
  /** What of it is sent; default: all. Made for the same history, which is to be given too. */
  readonly memory?: Memory;
  readonly limits?: Partial<AgentLimits>;
  /** Milliseconds of one turn; 10 minutes by default. */
  readonly timeLimit?: number;
  /** Told of each call, when it begins and when it ends. */
  readonly onToolEvent?: OnToolEvent;
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
  history = new InMemoryChatMessageHistory(),
  memory = createMemory({ history }),
  limits,
  timeLimit,
  onToolEvent,
}: AgentOptions): Runnable<string, HarmonyPart> {
  const loop = createAgent({ model, tools: [...tools], middleware: [agentGuard({ limits, onToolEvent })] });
  return new StreamingChain<string, HarmonyPart>(async function* (input, config) {
    const question = await memory.invoke({ input }, config);
    const messages = joinSystemMessages(await chatPromptOf(prompt).formatMessages(question));
    const turn = new AgentTurn({ signal: config.signal, timeLimit });
    let complete = false;
    try {
      yield* turn.run((options) => loop.stream({ messages }, { ...config, ...options }));
      complete = true;
    } finally {
      await history.addMessages(turn.calls);
      const answer = memory.beginAnswer();
      answer.add(turn.answer);
      await answer.end(complete);
    }
  }, answerOf);
}
