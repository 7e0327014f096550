import { readFile } from "node:fs/promises";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { ChatGptOss } from "../../../src/index.ts";
import { ServerTokenCounter, type TokenCounter } from "../../../src/memory/token-counter.ts";
import type { LiveServer } from "../../live/support/live-server.ts";

export const CURRENT_DATE = "2026-11-26";
/** Tokens that are left for an answer of the demo model, thinking included. */
export const ROOM = 128;

const WORDS = [
  "river",
  "stone",
  "garden",
  "window",
  "paper",
  "silver",
  "morning",
  "bridge",
  "yellow",
  "forest",
  "winter",
];

/** What the user tells of themselves besides the name, and when. */
const FACTS: Readonly<Record<number, string>> = {
  1: "My name is Alice.",
  20: "My favorite color is green.",
  60: "My pet is a fox.",
  110: "My favorite food is ramen.",
};

/**
 * What a talkative user says at a turn, counted from 1: the name at the first and never again, some facts, and things that the demo model
 * can do. It never comes round again, so that the server can't know a window from an earlier time.
 */
export function saidAt(turn: number): string {
  const fact = FACTS[turn];
  if (fact !== undefined) return fact;
  const word = (step: number) => WORDS[(turn * step) % WORDS.length] ?? "";
  const phrases = [
    `Hello, it is day ${turn}.`,
    `Count to ${5 + (turn % 7)}.`,
    `What do you know about ${word(3)} number ${turn}?`,
    `Repeat: ${word(1)} ${word(2)} ${word(5)}`,
    `Tell me about the ${word(4)} of ${1_000 + turn}.`,
  ];
  return phrases[turn % phrases.length] ?? "";
}

/** The demo model on this server, at temperature 0. */
export function demoModel(server: LiveServer, effort: "low" | "medium" = "medium"): ChatGptOss {
  return new ChatGptOss({
    baseUrl: `${server.baseUrl}/v1`,
    apiKey: server.apiKey,
    model: "demo",
    effort,
    maxTokens: ROOM,
    sampling: { temperature: 0, topP: 1, topK: 0, minP: 0 },
    currentDate: CURRENT_DATE,
  });
}

export function demoCounter(server: LiveServer, effort: "low" | "medium" = "medium"): TokenCounter {
  return new ServerTokenCounter({
    baseUrl: `${server.baseUrl}/v1`,
    apiKey: server.apiKey,
    effort,
    currentDate: CURRENT_DATE,
  });
}

/** Prompt tokens that the server has evaluated since it started, as its own timings in the log say: summaries included. */
export async function evaluatedTokens(server: LiveServer): Promise<number> {
  const log = await readFile(server.logFile, "utf8");
  return [...log.matchAll(/prompt eval time = .*?\/\s*(\d+) tokens/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** Sizes of single messages, each counted once by the server: in harmony a conversation's size is the sum of its messages'. */
export class MessageSizes {
  readonly #counter: TokenCounter;
  readonly #sizes = new Map<string, number>();
  #frame: number | undefined;

  constructor(counter: TokenCounter) {
    this.#counter = counter;
  }

  /** Tokens of what stands around every conversation. */
  async frame(): Promise<number> {
    const one = new HumanMessage("Hello");
    this.#frame ??= 2 * (await this.#counter.countMessages([one])) - (await this.#counter.countMessages([one, one]));
    return this.#frame;
  }

  async of(message: BaseMessage): Promise<number> {
    const key = `${message.type}:${message.text}`;
    const before = new HumanMessage("Hello");
    const size =
      this.#sizes.get(key) ??
      (await this.#counter.countMessages([before, message, before])) -
        (await this.#counter.countMessages([before, before]));
    this.#sizes.set(key, size);
    return size;
  }

  async total(messages: readonly BaseMessage[]): Promise<number> {
    let sum = await this.frame();
    for (const message of messages) sum += await this.of(message);
    return sum;
  }
}
