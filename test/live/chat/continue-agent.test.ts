import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { OpenedModel } from "../../../src/chat/ask-model.ts";
import { ChatSession } from "../../../src/chat/chat-session.ts";
import { SavedSessions } from "../../../src/chat/saved-sessions.ts";
import {
  createChatModel,
  loadPrompt,
  ServerTokenCounter,
  Session,
  SessionChatMessageHistory,
} from "../../../src/index.ts";
import { newSessionId } from "../../../src/memory/session.ts";
import { SwitchableTools } from "../../../src/tools/switchable-tools.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let folder: string;
beforeAll(async () => {
  server = await startLiveServer();
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-continue-agent-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<OpenedModel> {
  const model = await createChatModel({
    baseUrl: `${server.baseUrl}/v1`,
    apiKey: server.apiKey,
    model: "demo",
    sampling: { temperature: 0 },
    environment: {},
  });
  const counter = new ServerTokenCounter(model.connection);
  return { model, contextSize: 8_192, room: 2_048, counter, canContinue: model.canContinue };
}

/** A chat that may calculate, with what was calculated. */
async function startChatSession(history?: SessionChatMessageHistory) {
  const tools = new SwitchableTools();
  await tools.on(["calculator"]);
  const calculated: unknown[] = [];
  const session = history?.session ?? (await Session.open({ folder, id: newSessionId(new Date()) }));
  const chatSession = new ChatSession({
    session,
    saved: new SavedSessions(folder, true, () => undefined),
    prompts: { plain: loadPrompt("chat"), withTools: loadPrompt("agent") },
    settings: {},
    strategy: "window",
    longMessages: "refuse",
    open,
    onNotice: () => undefined,
    onLostTool: () => undefined,
    onNearlyFull: () => undefined,
    onToolEvent: (event) => {
      if (event.type === "tool-start") calculated.push(event.input);
    },
    tools,
  });
  return { chatSession, calculated, session };
}

/** Asks, or goes on, and is interrupted after so many pieces. */
async function upTo(pieces: number, chatSession: ChatSession, goesOn = false) {
  const stop = new AbortController();
  let left = pieces;
  const options = {
    signal: stop.signal,
    onPart: ({ type }: { readonly type: string }) => {
      if (type !== "progress" && --left === 0) stop.abort();
    },
  };
  return goesOn ? await chatSession.continueAnswer(options) : await chatSession.ask("What is 12 + 30?", options);
}

describe("an agent's turn that was interrupted and resumed", () => {
  it("is the same as one that was not, wherever it was cut, and calculates once", async () => {
    const { chatSession: undisturbed } = await startChatSession();
    let pieces = 0;
    const whole = await undisturbed.ask("What is 12 + 30?", {
      signal: new AbortController().signal,
      onPart({ type }) {
        if (type !== "progress") pieces++;
      },
    });
    const expected = (await undisturbed.turns())[0]?.answer;
    await undisturbed.close();
    expect(whole).toMatchObject({ outcome: "answered", text: "The tool says: 42", figures: { modelCalls: 2 } });
    expect(pieces).toBeGreaterThan(10);
    for (let cut = 1; cut < pieces; cut += 2) {
      const { chatSession, calculated } = await startChatSession();
      expect((await upTo(cut, chatSession))?.outcome).toBe("interrupted");
      const rest = await upTo(Number.POSITIVE_INFINITY, chatSession, true);
      expect({ cut, outcome: rest?.outcome, text: rest?.text }).toEqual({
        cut,
        outcome: "answered",
        text: whole.text,
      });
      expect([cut, calculated]).toEqual([cut, [{ expression: "12 + 30" }]]);
      expect(await chatSession.turns()).toEqual([{ question: "What is 12 + 30?", answer: expected }]);
      await chatSession.close();
    }
  }, 240_000);

  it("resumes in a later chat too, which knows the call", async () => {
    const { chatSession, session } = await startChatSession();
    let seen = "";
    const stop = new AbortController();
    await chatSession.ask("What is 12 + 30?", {
      signal: stop.signal,
      onPart(part) {
        if (part.type !== "text") return;
        seen += part.text;
        if (seen.includes("says")) stop.abort();
      },
    });
    await chatSession.close();
    const again = await Session.open({ folder, id: session.id });
    const { chatSession: later, calculated } = await startChatSession(new SessionChatMessageHistory(again));
    expect((await upTo(Number.POSITIVE_INFINITY, later, true))?.text).toBe("The tool says: 42");
    expect(calculated).toEqual([]);
    await later.close();
  });
});
