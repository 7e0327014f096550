import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { SavedSessions } from "../../src/chat/saved-sessions.ts";
import { importSession } from "../../src/memory/export-session.ts";
import { SessionChatMessageHistory } from "../../src/memory/session-history.ts";
import { Session } from "../../src/memory/session.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-unsaved-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function spoken(): Promise<SessionChatMessageHistory> {
  const session = Session.inMemory();
  session.begin({ model: "demo", prompt: "chat", settings: { effort: "low" } });
  const history = new SessionChatMessageHistory(session);
  await history.addMessage(new HumanMessage("天気は？"));
  history.addDraft("晴");
  await history.endAnswer(new AIMessage("晴れ"), false);
  await history.addMessage(new HumanMessage("明日は？"));
  await history.endAnswer(new AIMessage("雨"), true);
  return history;
}

const unsaved = () => new SavedSessions(folder, false, () => undefined);
const textsOf = ({ state }: Session) => state.messages.map(({ message }) => message.text);

describe("a session in memory", () => {
  it("is exported like one on the disk: as JSON that can be imported, as Markdown, as HTML", async () => {
    const { session } = await spoken();
    const exported = (format: "json" | "md" | "html") => unsaved().exportAs(format, session);
    const { state } = await importSession(folder, exported("json"), "it");
    expect(state.messages.map(({ message }) => message.text)).toEqual(["天気は？", "晴れ", "明日は？", "雨"]);
    expect(state.messages.map(({ interrupted }) => interrupted)).toEqual([false, false, false, true]);
    expect(state.started).toMatchObject({ model: "demo", settings: { effort: "low" } });
    expect(exported("md")).toMatch(/^# 天気は？\n\nSession \S+, demo, [\s\S]*雨\n\n\*\(interrupted\)\*\n$/);
    expect(exported("html")).toContain("<p>雨</p>");
  });

  it("writes nothing, and has no file", async () => {
    const { session } = await spoken();
    session.close();
    expect([session.path, readdirSync(folder)]).toEqual([undefined, []]);
  });

  it("loses its last turn by undo", async () => {
    const history = await spoken();
    await history.undo();
    expect((await history.getMessages()).map(({ text }) => text)).toEqual(["天気は？", "晴れ"]);
  });

  it("marks a question whose answer never began", async () => {
    const session = Session.inMemory();
    const history = new SessionChatMessageHistory(session);
    await history.addMessage(new HumanMessage("Hi"));
    await history.endAnswer(new AIMessage(""), true);
    expect(session.state.messages).toMatchObject([{ interrupted: true }]);
  });

  it("continues a session of the disk, which stays as it is, under a name of its own", async () => {
    const first = await Session.open({ folder, id: "first" });
    first.begin({ model: "demo", prompt: "chat", settings: { currentDate: "2025-12-31" } });
    first.addMessage(new HumanMessage("Hi"));
    first.close();
    const copy = await unsaved().open("first");
    copy.addMessage(new AIMessage("Hello"));
    expect([textsOf(copy), copy.state.started?.settings.currentDate]).toEqual([["Hi", "Hello"], "2025-12-31"]);
    expect(copy.state.started?.id).toBe(copy.id);
    copy.close();
    const again = await Session.open({ folder, id: "first" });
    expect(textsOf(again)).toEqual(["Hi"]);
    again.close();
  });
});
