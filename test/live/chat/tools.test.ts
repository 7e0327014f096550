import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { latestSessionId } from "../../../src/memory/session-folder.ts";
import { Session } from "../../../src/memory/session.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted-server.ts";
import { textFor } from "../../../src/i18n/catalogue.ts";
import { Terminal } from "../support/terminal.ts";

const texts = textFor("en").chat;
const japanese = textFor("ja").chat;
const CTRL_C = "\u0003";
let server: LiveServer;
let folder: string;
let environment: Record<string, string>;
const terminals: Terminal[] = [];
const servers: ScriptedServer[] = [];
beforeAll(async () => {
  server = await startLiveServer();
  folder = realpathSync(mkdtempSync(join(tmpdir(), "gpt-oss-tools-")));
  environment = { OPENAI_BASE_URL: `${server.baseUrl}/v1`, OPENAI_API_KEY: server.apiKey, GPT_OSS_DATA: folder };
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  for (const scripted of servers.splice(0)) await scripted.stop();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function openChat(...words: string[]): Promise<Terminal> {
  const chat = new Terminal(["chat", "--model", "demo", ...words], environment);
  terminals.push(chat);
  await chat.expect(/You: |あなた/);
  return chat;
}

async function say(chat: Terminal, line: string, brings: RegExp | string): Promise<string> {
  chat.type(`${line}\r`);
  const shown = await chat.expect(brings);
  await chat.expect(/You: /);
  return shown;
}

async function leave(chat: Terminal): Promise<void> {
  chat.type("exit\r");
  expect(await chat.exitStatus()).toBe(0);
}

describe("/tools", () => {
  it("shows and switches, in a chat that began without any; the state goes with the session", async () => {
    const chat = await openChat();
    await say(chat, "/tools", /calculator, clock, files:PATH/);
    await say(chat, "What is 12 + 30?", /Assistant: /);
    await say(chat, "/tools on calculator", /Enabled tools\n +calculator/);
    await say(chat, "What is 12 + 30?", /\[tool\] calculator: done[\s\S]*Assistant: The tool says: 42/);
    const stats = await say(chat, "/stats", /2 model calls[\s\S]*answer: \d+ tokens of thinking, \d+ of text/);
    expect(stats).toMatch(/first token [\d.]+ s, total [\d.]+ s\nprompt: \d+ tokens \(\d+ cached\), [\d.]+/);
    expect(stats).not.toContain("?");
    await say(
      chat,
      "/context",
      /\[ST+QC*A*·+[\s\S]*enabled tools +\d+[\s\S]*tool calls and results +\d+\n +A +answers +\d+/,
    );
    await say(chat, "/tools off calculator", texts.noTools);
    await say(chat, "What is 12 + 30?", /Assistant: (?!The tool)/);
    await say(chat, `/tools clock read:${folder}`, /clock[\s\S]*read_file, list_files, search_files/);
    await say(chat, "/tools off read_file", /read_file \(off\), list_files/);
    await say(chat, "/tools on nonsense", /"nonsense"[\s\S]*calculator/);
    await say(chat, "/tools off notes", /"notes"[\s\S]*clock, read:/);
    await leave(chat);
    const later = await openChat("--continue");
    await say(later, "/tools", /clock[\s\S]*read_file \(off\), list_files/);
    await say(later, "/new", /new conversation/);
    await say(later, "/tools", /clock[\s\S]*read_file \(off\)/);
    await say(later, "/tools off", texts.noTools);
    await say(later, "Hello", /Assistant: /);
    await say(later, "/resume What is 12", /Resuming[\s\S]*Enabled tools[\s\S]*clock[\s\S]*read_file \(off\)/);
    await leave(later);
    // flags come first
    const flagged = await openChat("--continue", "--tools", "calculator");
    const shown = await say(flagged, "/tools", /Enabled tools[\s\S]*calculator[\s\S]*\n/);
    expect(shown).not.toContain("read_file");
    await leave(flagged);
  });

  it("completes what can follow", async () => {
    const chat = await openChat("--no-save");
    chat.type("/tools on calc\t\r");
    await chat.expect(/Enabled tools\n +calculator/);
    chat.type("/tools off cal\t\r");
    await chat.expect(texts.noTools);
    await leave(chat);
  });

  it("speaks Japanese", async () => {
    const chat = await openChat("--no-save", "--lang", "ja");
    chat.type("/tools on calculator\r");
    await chat.expect(/ツール\n +calculator/);
    chat.type("/tools off\r");
    await chat.expect(japanese.noTools);
    await leave(chat);
  });
});

const DATE = 'Use the tool run_command with {"program": "date"}';

describe("a question whether a tool may act", () => {
  it("is not answered by what was typed ahead, which stays for after the answer", async () => {
    const chat = await openChat("--no-save", "--tools", "command:.");
    // all of it at once: the second line and a begun third are there before the question is
    chat.type(`${DATE}\ry\rWhat is my`);
    await chat.expect(/Run this command\? \[y\/N\] /);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(chat.text).not.toMatch(/\[tool\] run_command: /);
    chat.type("n\r");
    await chat.expect(/\[tool\] run_command: refused/);
    await chat.expect(/You: y\n/);
    await chat.expect(/You: What is my/);
    chat.type(" name?\r");
    await chat.expect(/You: /);
    await leave(chat);
  });

  it("is refused by Ctrl-C, after which the chat continues", async () => {
    const chat = await openChat("--no-save", "--tools", "command:.");
    chat.type(`${DATE}\r`);
    await chat.expect(/Run this command\? \[y\/N\] /);
    chat.type(CTRL_C);
    await chat.expect(/\[tool\] run_command: refused/);
    await chat.expect(/You: /);
    await say(chat, "My name is Alice.", /Assistant: /);
    await leave(chat);
  });

  it("may be answered for the rest of the session", async () => {
    // the demo model can't call this one
    const call = '<|channel|>commentary to=functions.remember <|constrain|>json<|message|>{"text": "tea"}';
    const model = await startScriptedServer([{ content: call }, { finish: "stop" }]);
    servers.push(model);
    const chat = await openChat("--no-save", "--base-url", model.url, "--tools", "notes");
    chat.type("Note it.\r");
    await chat.expect(/Remember this in later conversations\?.*\[y\/N, a = always for remember\] /);
    chat.type("a\r");
    const shown = await chat.expect(/[\s\S]*The agent was stopped: it keeps calling remember with the same arguments/);
    expect(shown.match(/\[tool\] remember: done/g)).toHaveLength(2);
    expect(shown).not.toContain("[y/N");
    await chat.expect(/You: /);
    await leave(chat);
  });
});

describe("a chat with tools that is killed", () => {
  it("has stored the calls, and the answer as far as it was shown", async () => {
    const chat = await openChat("--tools", "calculator");
    await say(chat, "What is 12 + 30?", /Assistant: The tool says: 42/);
    chat.type("Count to 100.\r");
    const shown = await chat.expect(/Assistant: 1 2 3 4 5[\d ]*/);
    chat.kill();
    await chat.exitStatus();
    const text = chat.text.slice(chat.text.lastIndexOf(shown) + "Assistant: ".length);
    const session = await Session.open({
      folder: join(folder, "sessions"),
      id: latestSessionId(join(folder, "sessions")) ?? "",
    });
    const kept = session.state.messages.map(({ message }) => `${message.type}: ${message.text}`);
    session.close();
    expect(kept.slice(0, 5)).toEqual([
      "human: What is 12 + 30?",
      "ai: ",
      "tool: 42",
      "ai: The tool says: 42",
      "human: Count to 100.",
    ]);
    expect(kept[5]?.replace("ai: ", "").startsWith(text.trimEnd())).toBe(true);
    const later = await openChat("--continue");
    await say(later, "/continue", /1 2 3 4 5[\d\s]*98\s99\s100/);
    await leave(later);
  });
});
