import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { SessionChatMessageHistory } from "../../src/memory/session-history.ts";
import { findSession, forkSession, loadSession, loadSessions, removeSession } from "../../src/memory/session-folder.ts";
import { Session } from "../../src/memory/session.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "gpt-oss-sessions-")), "sessions");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const START = { model: "demo", prompt: "chat", settings: { currentDate: "2026-11-26" } };

async function chatSession(id: string, ...texts: string[]): Promise<void> {
  const session = await Session.open({ folder, id });
  session.begin(START);
  for (const [index, text] of texts.entries())
    session.addMessage(index % 2 === 0 ? new HumanMessage(text) : new AIMessage(text));
  session.close();
}

const textsOf = (id: string) => loadSession(folder, id).state.messages.map(({ message }) => message.text);

describe("Session", () => {
  it("is a file for its owner alone, and none before the first word", async () => {
    const session = await Session.open({ folder, id: "one" });
    session.begin(START);
    expect(await readdir(folder)).toEqual(["one.lock"]);
    session.addMessage(new HumanMessage("Hello"));
    session.close();
    expect(await readdir(folder)).toEqual(["one.jsonl"]);
    expect([(await stat(folder)).mode & 0o777, (await stat(String(session.path))).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    const events = (await readFile(String(session.path), "utf8")).trim().split("\n");
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(["started", "message"]);
  });

  it("continues in memory when nothing can be written, and writes what is missing as soon as it can", async () => {
    const session = await Session.open({ folder, id: "one" });
    session.begin(START);
    await mkdir(String(session.path));
    expect(() => session.addMessage(new HumanMessage("lost"))).toThrow(
      expect.objectContaining({ code: "storage-failed" }),
    );
    const failures: unknown[] = [];
    session.onUnsaved = (failure) => failures.push(failure);
    session.addMessage(new HumanMessage("Hello"));
    session.addMessage(new AIMessage("Hi"));
    expect(failures).toMatchObject([{ code: "storage-failed" }]);
    expect(session.state.messages.map(({ message }) => message.text)).toEqual(["Hello", "Hi"]);
    expect(session.unsaved).toHaveLength(3);
    await rm(String(session.path), { recursive: true });
    session.addMessage(new HumanMessage("Again"));
    session.close();
    expect(textsOf("one")).toEqual(["Hello", "Hi", "Again"]);
  });

  it("does not take a character for damaged that was said", async () => {
    await chatSession("one", "What is \uFFFD?", "\uFFFD stands for a byte that is none.");
    const { damage, state } = loadSession(folder, "one");
    expect(damage).toEqual([]);
    expect(state.messages.map(({ message }) => message.text)).toEqual([
      "What is \uFFFD?",
      "\uFFFD stands for a byte that is none.",
    ]);
  });

  it("lets one process in; another learns which one it is, and may copy", async () => {
    await chatSession("one", "Hello", "Hi");
    const session = await Session.open({ folder, id: "one" });
    await expect(Session.open({ folder, id: "one" })).rejects.toMatchObject({
      code: "session-locked",
      message: `The session one is open in another process (pid ${process.pid}).`,
      hint: "Close it, or continue in a copy: gpt-oss chat --fork one",
    });
    await expect(removeSession(folder, "one")).rejects.toMatchObject({ code: "session-locked" });
    const copy = await forkSession(folder, "one");
    copy.addMessage(new HumanMessage("More"));
    expect(copy.state.started).toMatchObject({ ...START, id: copy.id, from: "one" });
    copy.close();
    session.close();
    expect(textsOf("one")).toEqual(["Hello", "Hi"]);
    expect(textsOf(copy.id)).toEqual(["Hello", "Hi", "More"]);
  });

  it("takes over from a process that is gone, and writes nothing once another has taken over", async () => {
    await chatSession("one", "Hello", "Hi");
    const child = spawn("true");
    await once(child, "exit");
    await writeFile(join(folder, "one.lock"), `${child.pid} gone`);
    const session = await Session.open({ folder, id: "one" });
    await writeFile(join(folder, "one.lock"), "1 another");
    expect(() => session.addMessage(new HumanMessage("More"))).toThrow("taken over");
    session.close();
    expect(textsOf("one")).toEqual(["Hello", "Hi"]);
    expect(await readFile(join(folder, "one.lock"), "utf8")).toBe("1 another");
  });

  it("continues after a line that was cut", async () => {
    await chatSession("one", "Hello", "Hi");
    await appendFile(join(folder, "one.jsonl"), '{"v":1,"at":"2026-');
    const session = await Session.open({ folder, id: "one" });
    expect(session.damage).toMatchObject([{ line: 4, what: "is incomplete" }]);
    session.addMessage(new HumanMessage("More"));
    session.close();
    expect(textsOf("one")).toEqual(["Hello", "Hi", "More"]);
  });

  it("finds the answer that a killed chat was showing", async () => {
    await chatSession("one", "Hello");
    await writeFile(join(folder, "one.draft"), Buffer.concat([Buffer.from("1\nHi, the\n天"), Buffer.from([0xe6])]));
    const session = await Session.open({ folder, id: "one" });
    const [, answer] = session.state.messages;
    expect([answer?.message.text, answer?.interrupted]).toEqual(["Hi, the\n天", true]);
    session.close();
    expect(await readdir(folder)).toEqual(["one.jsonl"]);
  });

  it("forgets a draft whose answer was stored after all", async () => {
    await chatSession("one", "Hello", "Hi, there.");
    await writeFile(join(folder, "one.draft"), "1\nHi, the");
    (await Session.open({ folder, id: "one" })).close();
    expect(textsOf("one")).toEqual(["Hello", "Hi, there."]);
    expect(await readdir(folder)).toEqual(["one.jsonl"]);
  });
});

describe("SessionHistory", () => {
  it("keeps drafts, ends, undoes and clears", async () => {
    const session = await Session.open({ folder, id: "one" });
    const history = new SessionChatMessageHistory(session);
    await history.addUserMessage("Hello");
    history.addDraft("Hi");
    expect(await readFile(join(folder, "one.draft"), "utf8")).toBe("1\nHi");
    await history.endAnswer(new AIMessage("Hi."), false);
    await history.addUserMessage("And?");
    await history.endAnswer(new AIMessage(""), true);
    expect((await history.getMessages()).map(({ text }) => text)).toEqual(["Hello", "Hi.", "And?"]);
    expect(session.state.messages.at(-1)?.interrupted).toBe(true);
    await history.addSummary("Greetings.", 2);
    expect(history.getSummary()).toEqual({ text: "Greetings.", covered: 2 });
    await history.undo();
    expect((await history.getMessages()).map(({ text }) => text)).toEqual(["Hello", "Hi."]);
    await history.clear();
    expect(await history.getMessages()).toEqual([]);
    expect(history.getSummary()).toBeUndefined();
    session.close();
    expect(textsOf("one")).toEqual([]);
  });
});

describe("the folder of sessions", () => {
  it("is searched by id, by the beginning of an id, by title and by a part of one", async () => {
    await chatSession("20260101-a", "Weather in Osaka");
    await chatSession("20260102-b", "天気はどう？");
    expect(loadSessions(folder).map(({ id }) => id)).toEqual(["20260102-b", "20260101-a"]);
    expect(findSession(folder, "20260101-a")).toBe("20260101-a");
    expect(findSession(folder, "20260102")).toBe("20260102-b");
    expect(findSession(folder, "weather in osaka")).toBe("20260101-a");
    expect(findSession(folder, "ＯＳＡＫＡ")).toBe("20260101-a");
    expect(() => findSession(folder, "2026")).toThrow("2 sessions match");
    expect(() => findSession(folder, "nothing")).toThrow('Session not found: "nothing".');
    expect(() => findSession(folder, "")).toThrow('Session not found: "".');
  });

  it("says in a sentence that it is none", async () => {
    await mkdir(join(folder, ".."), { recursive: true });
    await writeFile(folder, "a file");
    await expect(Session.open({ folder, id: "one" })).rejects.toMatchObject({ code: "storage-failed" });
  });
});
