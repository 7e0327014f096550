import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { createConversation } from "../../../chains/index.ts";
import { createMemory, Session, SessionChatMessageHistory } from "../../../src/index.ts";
import { demoCounter, demoModel, evaluatedTokens, MessageSizes, ROOM, saidAt } from "../../bench/support/long-talk.ts";
import { startLiveServer } from "../support/live-server.ts";

const CONTEXT = 640;
const TURNS = 50;

describe("a conversation that outgrows its context", () => {
  it("remembers what was said at its first turn and never again, continues after a restart, and processes little twice", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gpt-oss-talk-"));
    const server = await startLiveServer({ contextSize: CONTEXT });
    try {
      const notices: string[] = [];
      let session = await Session.open({ folder, id: "talk" });
      const begin = () => {
        const history = new SessionChatMessageHistory(session);
        const budget = { context: CONTEXT, room: ROOM, counter: demoCounter(server) };
        const model = demoModel(server);
        const memory = createMemory({ history, model, budget, onNotice: (notice) => notices.push(notice) });
        return { memory, chatSession: createConversation({ model, memory }) };
      };
      let { memory, chatSession } = begin();
      for (let turn = 1; turn <= TURNS; turn++) {
        if (turn === TURNS / 2) {
          await memory.close();
          session.close();
          session = await Session.open({ folder, id: "talk" });
          ({ memory, chatSession } = begin());
        }
        await chatSession.invoke(saidAt(turn));
        await memory.settled();
        expect(await memory.tokens()).toBeLessThanOrEqual(CONTEXT - ROOM);
      }
      expect(await chatSession.invoke("What is my name?")).toBe("Your name is Alice.");
      expect(session.state.turns).toBe(TURNS + 1);
      expect(session.state.summary?.text).toContain("Alice");
      expect(notices).toHaveLength(1);
      const least = await new MessageSizes(demoCounter(server)).total(
        session.state.messages.slice(0, -1).map(({ message }) => message),
      );
      // in so small a context the frame of every conversation weighs much; the benchmark has the figures that count
      expect((await evaluatedTokens(server)) / least).toBeLessThan(2.5);
      await memory.close();
      session.close();
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
