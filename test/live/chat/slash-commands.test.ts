import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { SLASH_COMMANDS } from "../../../src/chat/slash/slash-commands.ts";
import { Terminal } from "../support/terminal.ts";

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
async function expectSaid(line: string, brings: RegExp): Promise<string> {
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
    await expectSaid("/undo", /Nothing to undo\./);
    await expectSaid("/retry", /There is no question to repeat\./);
    await expectSaid("/continue", /There is no interrupted answer to continue\./);
    await expectSaid("/edit", /There is no message to edit yet\./);
    await expectSaid("/export chat.md", /There is nothing to export yet\./);
    await expectSaid("/copy", /There is no answer to copy yet\./);
    await expectSaid("/stats", /There are no figures yet/);
  });

  it("take back, ask again, and edit", async () => {
    await expectSaid("My name is Alice.", /Assistant: Nice to meet you, Alice\./);
    await expectSaid("What is my name?", /Assistant: Your name is Alice\./);
    await expectSaid("/undo", /The last turn is taken back\. It was: What is my name\?/);
    await expectSaid("/retry", /Assistant: Nice to meet you, Alice\./);
    await expectSaid("/edit", /Assistant: I do not know your name yet|Assistant: .+/);
    await expectSaid("/undo 5", /It was: /);
    await expectSaid("/undo x", /\/undo does not take "x"/);
  });

  it("show and set", async () => {
    await expectSaid("/effort", /Effort is not set/);
    await expectSaid("/effort low", /Effort is low\./);
    await expectSaid("/effort huge", /\/effort does not take "huge"; it takes: low, medium, high\./);
    await expectSaid("/think", /Thinking is collapsed to one line\./);
    await expectSaid("/think show", /Thinking is shown\./);
    await expectSaid("/effort medium", /Effort is medium\./);
    await expectSaid("Hello", /\[analysis\] The user greets me\.[\s\S]*Assistant: Hello/);
    await expectSaid("/think last", /The user greets me\./);
    await expectSaid("/think hide", /Thinking is folded/);
    await expectSaid("/set", /temperature {2}not set[\s\S]*seed/);
    await expectSaid("/set temperature 0.5", /temperature is 0\.5\./);
    await expectSaid("/set temperature 9", /\/set temperature does not take "9"; it takes: 0 … 2\./);
    await expectSaid("/set temperature -", /temperature is not set\./);
    await expectSaid("/system", /There is no system message\./);
    await expectSaid("/system My name is Carol.", /The system message is set/);
    await expectSaid("What is my name?", /Assistant: Your name is Carol\./);
    await expectSaid("/system -", /System message removed\./);
    await expectSaid("/model", /demo at http:\/\/127\.0\.0\.1:/);
    await expectSaid("/tools", /No tools are offered/);
  });

  it("count and measure", async () => {
    await expectSaid("/context", /\d+ of \d+ tokens \(\d+ %\)\n\[SQ*A*·+ *\]/);
    await expectSaid(
      "/stats",
      /time to first token [\d.]+ s, in all [\d.]+ s\nprompt: \d+ tokens, \d+ of them cached, .*\nanswer: /,
    );
  });

  it("keep, find, write and go on", async () => {
    await expectSaid("/title 天気の話", /The title is now: 天気の話/);
    await expectSaid("/title", /The title: 天気の話/);
    await expectSaid("/sessions", /\* .* \d\d:\d\d .*天気の話/);
    await expectSaid(`/export ${join(folder, "chat.pdf")}`, /\.pdf/);
    await expectSaid("/search hello", /Hello/);
    await expectSaid("/search ない言葉", /No messages match "ない言葉"\./);
    await expectSaid("/search", /\/search wants <words>/);
    const path = join(folder, "chat.md");
    await expectSaid(`/export ${path}`, /Written: /);
    expect(readFileSync(path, "utf8")).toContain("Your name is Carol.");
    await expectSaid(`/export ${path}`, /already exists/);
    await expectSaid(`/export ${join(folder, "chat.json")}`, /Written: /);
    await expectSaid(`/export ${join(folder, "chat.html")}`, /Written: /);
    expect(readFileSync(join(folder, "chat.html"), "utf8")).toContain("Your name is Carol.");
    await expectSaid("/export /nowhere/chat.md", /\/nowhere does not exist/);
    await expectSaid("/copy 1", /There is no code block in the last answer\./);
    await expectSaid("/copy", /Copied \d+ characters\./);
    expect(chat.written).toContain("\u001B]52;c;");
    await expectSaid("/new", /A new conversation begins\. The old one is kept: \/resume \d{8}-/);
    await expectSaid("What is my name?", /Assistant: /);
    await expectSaid("/resume 天気", /Resuming: 天気の話 \(\d turns?\)/);
    await expectSaid("/clear", /A new conversation begins/);
    await expectSaid("/resume nothing like it", /Session not found: "nothing like it"\./);
  });

  it("are suggested where they are misspelt, and left alone where they are none", async () => {
    await expectSaid("/hlep", /Unknown command: \/hlep\. Did you mean \/help\?/);
    await expectSaid("/xyzzy", /Unknown command: \/xyzzy\. Type \/help for a list\./);
    await expectSaid("//help", /Assistant: /);
  });

  it("leave", async () => {
    tried.add("exit");
    chat.type("/exit\r");
    expect(await chat.exitStatus()).toBe(0);
    expect([...tried].toSorted()).toEqual(expect.arrayContaining(Object.keys(SLASH_COMMANDS).toSorted()));
  });
});
