import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { exportedAs, importSession } from "../../src/memory/export-session.ts";
import { UnsavedHistory } from "../../src/memory/session-history.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-unkept-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function spoken(): Promise<UnsavedHistory> {
  const history = new UnsavedHistory();
  history.begin({ model: "demo", prompt: "chat", settings: { effort: "low" } });
  await history.addMessage(new HumanMessage("天気は？"));
  await history.endAnswer(new AIMessage("晴れ"), false);
  await history.addMessage(new HumanMessage("明日は？"));
  await history.endAnswer(new AIMessage("雨"), true);
  return history;
}

describe("a conversation that is not kept", () => {
  it("is written down as one that is: as JSON that can be imported, as Markdown, as HTML", async () => {
    const stored = (await spoken()).asStored();
    const { state } = await importSession(folder, exportedAs("json", stored), "it");
    expect(state.messages.map(({ message }) => message.text)).toEqual(["天気は？", "晴れ", "明日は？", "雨"]);
    expect(state.messages.map(({ interrupted }) => interrupted)).toEqual([false, false, false, true]);
    expect(state.started).toMatchObject({ model: "demo", settings: { effort: "low" } });
    expect(exportedAs("md", stored)).toMatch(/^# 天気は？\n\nSession \S+, demo, [\s\S]*雨\n\n\*\(interrupted\)\*\n$/);
    expect(exportedAs("html", stored)).toContain("<p>雨</p>");
  });

  it("loses its last turn by undo", async () => {
    const history = await spoken();
    await history.undo();
    expect((await history.getMessages()).map(({ text }) => text)).toEqual(["天気は？", "晴れ"]);
  });

  it("marks a question whose answer never began", async () => {
    const history = new UnsavedHistory([new HumanMessage("Hi")]);
    await history.endAnswer(new AIMessage(""), true);
    expect(history.asStored().state.messages).toMatchObject([{ interrupted: true }]);
  });
});
