import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { RedisChatMessageHistory } from "@langchain/redis";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { ROOM, saidAt } from "../../bench/support/long-talk.ts";
import { startLiveServer } from "../../live/support/live-server.ts";
import { startRedisServer } from "./support/redis-server.ts";

const CONTEXT = 1_024;
/** Turns of both processes; all of them do not fit the context. */
const TURNS = 20;

/** One process that asks these questions, and ends. @returns its answers */
async function chatInOwnProcess(options: object, questions: readonly string[]): Promise<string[]> {
  const program = packageFile("test/soak/memory/support/redis-chat.mjs");
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(questions.map((question) => `${question}\n`).join(""));
  const [answers, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(status).toBe(0);
  return answers.trimEnd().split("\n");
}

describe("a conversation in Redis", () => {
  it("continues in another process, and outgrows its context", async () => {
    await using redis = await startRedisServer();
    const server = await startLiveServer({ contextSize: CONTEXT });
    const { apiKey } = server;
    const where = { sessionId: "talk", socket: redis.socket };
    const options = { ...where, baseUrl: `${server.baseUrl}/v1`, apiKey, context: CONTEXT, room: ROOM };
    const said = Array.from({ length: TURNS }, (_, index) => saidAt(index + 1));
    try {
      const first = await chatInOwnProcess(options, said.slice(0, 4));
      expect(first[0]).toBe("Nice to meet you, Alice.");
      const rest = ["What is my name?", ...said.slice(4), "What is my name?"];
      const second = await chatInOwnProcess(options, rest);
      expect([second[0], second.at(-1)]).toEqual(["Your name is Alice.", "Your name is Alice."]);

      const history = new RedisChatMessageHistory({ sessionId: "talk", config: { socket: { path: redis.socket } } });
      const kept = (await history.getMessages()).map((message) => [message.type, message.text]);
      const questions = [...said.slice(0, 4), ...rest];
      const answers = [...first, ...second];
      expect(kept).toEqual(
        questions.flatMap((question, turn) => [
          ["human", question],
          ["ai", answers[turn]],
        ]),
      );
      await history.client.quit();
    } finally {
      await server.stop();
    }
  });
});
