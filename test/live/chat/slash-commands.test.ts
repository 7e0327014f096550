import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { SLASH_COMMANDS } from "../../../src/chat/slash/slash-commands.ts";
import { textFor } from "../../../src/i18n/catalogue.ts";
import { Terminal } from "../support/terminal.ts";

const texts = textFor("en").chat;
let folder: string;
let chat: Terminal;
const tried = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-slash-"));
  const editor = join(folder, "editor.sh");
  writeFileSync(editor, '#!/bin/sh\nprintf "What is my name?" > "$1"\n', { mode: 0o755 });
  chat = new Terminal(["chat", "--model", "demo"], {
    EDITOR: editor,
    VISUAL: "",
    GPT_OSS_DATA: folder,
    PATH: "/usr/bin:/bin",
  });
  await chat.expect(/You: /);
}, 60_000);
afterAll(() => {
  chat.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Types a line and waits for what it brings, and for the next prompt. */
async function expectSaid(line: string, brings: RegExp | string): Promise<string> {
  if (line.startsWith("/")) tried.add(line.slice(1).split(" ")[0] ?? "");
  chat.type(`${line}\r`);
  const shown = await chat.expect(brings);
  await chat.expect(/You: /);
  return shown;
}

describe("the slash commands, one after the other in one chat", () => {
  it("are all in the help", async () => {
    chat.type("/help\r");
    tried.add("help");
    for (const name of Object.keys(SLASH_COMMANDS)) await chat.expect(new RegExp(`/${name}\\b`));
    await chat.expect(/Keys[\s\S]*You: /);
  });

  it("have nothing to work on in the beginning", async () => {
    await expectSaid("/undo", texts.nothingToUndo);
    await expectSaid("/retry", texts.nothingToRetry);
    await expectSaid("/continue", texts.nothingToContinue);
    await expectSaid("/edit", texts.nothingToEdit);
    await expectSaid("/export chat.md", texts.nothingToExport);
    await expectSaid("/copy", texts.nothingToCopy);
    await expectSaid("/stats", texts.statsNone);
  });

  it("take back, ask again, and edit", async () => {
    await expectSaid("My name is Alice.", /Assistant: Nice to meet you, Alice\./);
    await expectSaid("What is my name?", /Assistant: Your name is Alice\./);
    await expectSaid("/undo", texts.undone(1, "What is my name?"));
    await expectSaid("/retry", /Assistant: Nice to meet you, Alice\./);
    await expectSaid("/edit", /Assistant: I do not know your name yet|Assistant: .+/);
    await expectSaid("/undo 5", /Undid the last/);
    await expectSaid("/undo x", /\/undo: "x"/);
  });

  it("show and set", async () => {
    await expectSaid("/effort", /Effort is not set/);
    await expectSaid("/effort low", texts.effortIs("low"));
    await expectSaid("/effort huge", texts.wrongArgument("/effort", "huge", "low, medium, high"));
    await expectSaid("/think", texts.thinkIs("fold"));
    await expectSaid("/think show", texts.thinkIs("show"));
    await expectSaid("/effort medium", texts.effortIs("medium"));
    await expectSaid("Hello", /\[analysis\] The user greets me\.[\s\S]*Assistant: Hello/);
    await expectSaid("/think last", /The user greets me\./);
    await expectSaid("/think hide", texts.thinkIs("fold"));
    await expectSaid("/set", /temperature {2}not set[\s\S]*seed/);
    await expectSaid("/set temperature 0.5", texts.settingSet("temperature", "0.5"));
    await expectSaid("/set temperature 9", /\/set temperature: "9".*0.*2/);
    await expectSaid("/set temperature -", texts.settingSet("temperature", texts.unset));
    await expectSaid("/system", texts.systemNone);
    await expectSaid("/system My name is Carol.", texts.systemSet);
    await expectSaid("What is my name?", /Assistant: Your name is Carol\./);
    await expectSaid("/system -", texts.systemRemoved);
    await expectSaid("/model", /demo at http:\/\/127\.0\.0\.1:/);
    await expectSaid("/tools", texts.noTools);
  });

  it("count and measure", async () => {
    await expectSaid("/context", /\d+ of \d+ tokens \(\d+%\)\n\[SQ*A*·+ *\]/);
    await expectSaid("/stats", /first token [\d.]+ s, total [\d.]+ s\nprompt: \d+ tokens \(\d+ cached\), .*\nanswer: /);
  });

  it("save, find, write and continue", async () => {
    await expectSaid("/title 天気の話", texts.titleSet("天気の話"));
    await expectSaid("/title", texts.titleIs("天気の話"));
    await expectSaid("/sessions", /\* .* \d\d:\d\d .*天気の話/);
    await expectSaid(`/export ${join(folder, "chat.pdf")}`, /\.pdf/);
    await expectSaid("/search hello", /Hello/);
    await expectSaid("/search ない言葉", texts.noMatches("ない言葉"));
    await expectSaid("/search", /\/search <words>/);
    const path = join(folder, "chat.md");
    await expectSaid(`/export ${path}`, texts.exported(path));
    expect(readFileSync(path, "utf8")).toContain("Your name is Carol.");
    await expectSaid(`/export ${path}`, /already exists/);
    await expectSaid(`/export ${join(folder, "chat.json")}`, texts.exported(join(folder, "chat.json")));
    await expectSaid(`/export ${join(folder, "chat.html")}`, texts.exported(join(folder, "chat.html")));
    expect(readFileSync(join(folder, "chat.html"), "utf8")).toContain("Your name is Carol.");
    await expectSaid("/export /nowhere/chat.md", /\/nowhere does not exist/);
    await expectSaid("/copy 1", texts.noCodeToCopy);
    await expectSaid("/copy", /Copied \d+ characters\./);
    expect(chat.written).toContain("\u001B]52;c;");
    await expectSaid("/new", /\/resume \d{8}-/);
    await expectSaid("What is my name?", /Assistant: /);
    await expectSaid("/resume 天気", /Resuming: 天気の話 \(\d turns?\)/);
    await expectSaid("/clear", /new conversation/);
    await expectSaid("/resume nothing like it", /Session not found: "nothing like it"\./);
  });

  it("are suggested where they are misspelt, and left alone where they are none", async () => {
    await expectSaid("/hlep", /\/hlep\. .*\/help/);
    await expectSaid("/xyzzy", texts.unknownCommand("/xyzzy"));
    await expectSaid("//help", /Assistant: /);
  });

  it("leave", async () => {
    tried.add("exit");
    chat.type("/exit\r");
    expect(await chat.exitStatus()).toBe(0);
    expect([...tried].toSorted()).toEqual(expect.arrayContaining(Object.keys(SLASH_COMMANDS).toSorted()));
  });
});
