import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { HumanMessage } from "@langchain/core/messages";
import { ChatSession } from "../../src/chat/chat-session.ts";
import { SavedSessions } from "../../src/chat/saved-sessions.ts";
import { SessionChatMessageHistory } from "../../src/memory/session-history.ts";
import { Session } from "../../src/memory/session.ts";
import { loadPrompt } from "../../src/prompts/prompts.ts";
import { localDate } from "../../src/terminal/format.ts";
import { SwitchableTools } from "../../src/tools/switchable-tools.ts";
import { modelFor, OWN_SERVER } from "../support/chat-model.ts";
import { type ChatServer, startChatServer, stream } from "../support/chat-server.ts";

const LONG_AGO = "2025-12-31";
const TODAY = localDate(new Date());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-date-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A session that was begun on another day, with one message in it. */
async function begunLongAgo(id: string): Promise<void> {
  const session = await Session.open({ folder, id });
  session.begin({ model: "demo", prompt: "chat", settings: { currentDate: LONG_AGO } });
  await new SessionChatMessageHistory(session).addMessage(new HumanMessage("My name is Alice."));
  session.close();
}

function startChatSession(server: ChatServer, session: Session): ChatSession {
  const model = modelFor(server, { server: OWN_SERVER, currentDate: TODAY });
  return new ChatSession({
    session,
    saved: new SavedSessions(folder, true, () => undefined),
    prompts: { plain: loadPrompt("chat"), withTools: loadPrompt("agent") },
    settings: {},
    strategy: "none",
    longMessages: "refuse",
    open: () => Promise.resolve({ model, contextSize: undefined, room: 0, counter: undefined, canContinue: true }),
    tools: new SwitchableTools(),
    onToolEvent: () => undefined,
    onNotice: () => undefined,
    onLostTool: () => undefined,
    onNearlyFull: () => undefined,
  });
}

describe("the date in the prompt of a chat", () => {
  it("is that of the session, also of one that is resumed or started in the middle of the chat", async () => {
    await using server = await startChatServer({ chunks: stream([{ content: "Hello." }]) });
    await begunLongAgo("old");
    const chatSession = startChatSession(server, Session.inMemory());
    const ask = () => chatSession.ask("Hi", { signal: new AbortController().signal, onPart: () => undefined });
    await ask();
    await chatSession.resume("old");
    await ask();
    await chatSession.startNew();
    await ask();
    await chatSession.close();
    const dates = server.requests.map((request) => Object(request)["chat_template_kwargs"]);
    expect(dates).toEqual([TODAY, LONG_AGO, TODAY].map((date) => ({ current_date: date })));
  });

  it("is written down with a session that begins after another one", async () => {
    await using server = await startChatServer({ chunks: stream([{ content: "Hello." }]) });
    await begunLongAgo("old");
    const chatSession = startChatSession(server, await Session.open({ folder, id: "old" }));
    await chatSession.startNew();
    await chatSession.ask("Hi", { signal: new AbortController().signal, onPart: () => undefined });
    const id = chatSession.sessions().find((session) => session.id !== "old")?.id ?? "none";
    await chatSession.close();
    const session = await Session.open({ folder, id });
    expect(session.state.started?.settings.currentDate).toBe(TODAY);
    session.close();
  });
});
