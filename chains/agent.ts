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
  type HarmonyPart,
  joinSystemMessages,
  loadPrompt,
  type OnToolEvent,
  type Prompt,
  type ResumedTurn,
} from "../src/index.ts";
import { answerOf, finalOf, StreamingChain, inputText, type TextInput } from "./streaming.ts";
import { memoryBySession, type SessionMemoryOptions } from "./session-memory.ts";

/** Who acts, with which tools, and within which limits. A memory with a budget is made for the same tools, which take room. */
export interface AgentOptions extends SessionMemoryOptions {
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
  readonly onToolEvent?: OnToolEvent;
  /** Told of each of the model's messages when it is whole: its tokens and times stand in it. */
  readonly onMessage?: (message: AIMessage) => void;
  /** The first question was asked before and interrupted; its turn goes on. */
  readonly resume?: ResumedTurn | undefined;
}

/** The model may call tools, as often as it needs to, before it answers. Streams the text of what it says to the user. */
export function agent(options: AgentOptions): Runnable<TextInput, string> {
  return finalOf(agentChannels(options));
}

/** The same agent, streaming every channel as `{ channel, text }`: the thinking, and what it says before a call. Invoked, it gives the answer. */
export function agentChannels({
  model,
  tools,
  prompt = loadPrompt("agent"),
  system,
  history,
  memory: given,
  limits,
  timeLimit,
  onToolEvent,
  onMessage,
  resume: first,
}: AgentOptions): Runnable<TextInput, HarmonyPart> {
  const template = chatPromptOf(prompt, system);
  const memoryOf = memoryBySession({ ...(history && { history }), ...(given && { memory: given }) });
  let resumed = first;
  return new StreamingChain<TextInput, HarmonyPart>(async function* (input, config) {
    const resume = resumed;
    resumed = undefined;
    const memory = await memoryOf(config);
    const question = await memory.invoke({ input: inputText(input) }, config);
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
