import { AIMessage, type BaseMessage, HumanMessage, trimMessages } from "@langchain/core/messages";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { createConversation } from "../../chains/index.ts";
import { createMemory, HarmonyOutputParser, type Strategy } from "../../src/index.ts";
import { type LiveServer, startLiveServer } from "../live/support/live-server.ts";
import { demoCounter, demoModel, evaluatedTokens, MessageSizes, ROOM, saidAt } from "./support/long-talk.ts";

const TURNS = 300;

export interface MemoryRow {
  readonly how: string;
  /** Tokens. */
  readonly context: number;
  /** Prompt tokens that the server has evaluated over all turns, summaries included. */
  readonly evaluated: number;
  /** Beside the least possible: the previous answer and the new message at each turn. */
  readonly timesLeast: number;
  readonly cuts: number;
  /** The smallest share of the window's budget that was left after a cut. */
  readonly leastKept: number;
  /** Whether the name told at turn 1 is known at the last. */
  readonly knowsName: boolean;
}

/** A conversation of 300 turns with the demo model in small contexts: what the server has to read with each way to make room. */
export async function benchMemory(turns = TURNS, contexts: readonly number[] = [1_024, 2_048]): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const context of contexts) {
    for (const strategy of ["summary", "window"] as const) rows.push(await measureMemory(context, turns, strategy));
    rows.push(await measureTrimming(context, turns));
  }
  return rows;
}

async function onServer<T>(context: number, run: (server: LiveServer) => Promise<T>): Promise<T> {
  const server = await startLiveServer({ contextSize: context });
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}

export function measureMemory(context: number, turns: number, strategy: Strategy): Promise<MemoryRow> {
  return onServer(context, async (server) => {
    const history = new InMemoryChatMessageHistory();
    const model = demoModel(server);
    const counter = demoCounter(server);
    const memory = createMemory({ history, model, strategy, budget: { context, room: ROOM, counter } });
    const chatSession = createConversation({ model, memory });
    let answer = "";
    const kept: number[] = [];
    for (let turn = 1; turn <= turns; turn++) {
      const before = memory.covered;
      answer = await chatSession.invoke(turn === turns ? "What is my name?" : saidAt(turn));
      await memory.settled();
      if (memory.covered > before) kept.push(((await memory.tokens()) ?? 0) / (context - ROOM));
    }
    return {
      how: strategy,
      context,
      ...(await comparedWithLeast(server, await history.getMessages())),
      cuts: kept.length,
      leastKept: Math.min(...kept),
      knowsName: answer.includes("Alice"),
    };
  });
}

/** What a chain with LangChain's trimMessages in front of the model does. */
export function measureTrimming(context: number, turns: number): Promise<MemoryRow> {
  return onServer(context, async (server) => {
    const sizes = new MessageSizes(demoCounter(server));
    const chain = demoModel(server).pipe(new HarmonyOutputParser());
    const messages: BaseMessage[] = [];
    let answer = "";
    for (let turn = 1; turn <= turns; turn++) {
      messages.push(new HumanMessage(turn === turns ? "What is my name?" : saidAt(turn)));
      const sent = await trimMessages(messages, {
        maxTokens: context - ROOM,
        tokenCounter: (some) => sizes.total(some),
        strategy: "last",
        startOn: "human",
      });
      answer = await chain.invoke(sent);
      messages.push(new AIMessage(answer));
    }
    return {
      how: "trimMessages at every turn",
      context,
      ...(await comparedWithLeast(server, messages)),
      cuts: 0,
      leastKept: 1,
      knowsName: answer.includes("Alice"),
    };
  });
}

async function comparedWithLeast(server: LiveServer, messages: readonly BaseMessage[]) {
  const evaluated = await evaluatedTokens(server);
  const least = await new MessageSizes(demoCounter(server)).total(messages.slice(0, -1));
  return { evaluated, timesLeast: evaluated / least };
}
