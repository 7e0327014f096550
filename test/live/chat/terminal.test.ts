import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { emulate } from "../../chat/support/emulated-screen.ts";
import { type ScriptedServer, startScriptedServer } from "../support/scripted-server.ts";
import { Terminal } from "../support/terminal.ts";

let folder: string;
const terminals: Terminal[] = [];
const servers: ScriptedServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-terminal-"));
});
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  for (const server of servers.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function openChat(
  words: readonly string[],
  environment: Record<string, string> = {},
  size: { columns?: number } = {},
): Promise<Terminal> {
  const terminal = new Terminal(["chat", ...words], { GPT_OSS_DATA: folder, ...environment }, size);
  terminals.push(terminal);
  await terminal.expect(/(You|あなた): /);
  return terminal;
}

/** A server that repeats the question's size, and one answer. */
async function answering(markdown: string): Promise<ScriptedServer> {
  const pieces = Array.from({ length: Math.ceil(markdown.length / 5) }, (_, index) =>
    markdown.slice(index * 5, index * 5 + 5),
  );
  const server = await startScriptedServer([
    { content: "<|channel|>final<|message|>" },
    ...pieces.map((content) => ({ content })),
    { content: "\n" },
    { wait: 60_000 },
  ]);
  servers.push(server);
  return server;
}

async function press(chat: Terminal, keys: string): Promise<void> {
  chat.type(keys);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const sentTo = (server: ScriptedServer) =>
  (server.requests as { messages: { content: string }[] }[]).map(({ messages }) => messages.at(-1)?.content);

const paste = (text: string) => `\u001B[200~${text}\u001B[201~`;

describe("what is typed", () => {
  it("may be a paste of 200 lines, tabs and all", async () => {
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    const text = Array.from({ length: 200 }, (_, line) => `\tline ${line} に日本語`).join("\n");
    chat.type(`Look: ${paste(text)} done\r`);
    await chat.expect(/Look: \[paste 1: 200 lines\] done\n[\s\S]*ok/);
    expect(sentTo(server)).toEqual([`Look: ${text} done`]);
  });

  it("may be 400 kana, emoji and 𠮷, and is deleted by whole characters", async () => {
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    const kana = "かな".repeat(200);
    chat.type(kana);
    await chat.expect(/かな$/);
    chat.type("𠮷野家👨‍👩‍👧X\u007F\r");
    await chat.expect(/ok/);
    expect(sentTo(server)).toEqual([`${kana}𠮷野家👨‍👩‍👧`]);
  });

  it("may have several lines, by a block or a backslash", async () => {
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    chat.type("one \\\r");
    await chat.expect(/\.\.\. {2}/);
    chat.type("two\r");
    await chat.expect(/ok/);
    chat.type("\u0003");
    await chat.expect(/\[interrupted\]\nYou: /);
    chat.type('"""\r');
    await chat.expect(/\.\.\. {2}/);
    chat.type("three\r");
    await chat.expect(/\.\.\. {2}/);
    chat.type('four"""\r');
    await chat.expect(/ok/);
    expect(sentTo(server)).toEqual(["one \ntwo", "three\nfour"]);
  });

  it("is written in the editor by Ctrl-G", async () => {
    const server = await answering("ok");
    const editor = join(folder, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\nprintf " and\\nmore" >> "$1"\n', { mode: 0o755 });
    const chat = await openChat(["--base-url", server.url, "--no-save"], { EDITOR: editor, VISUAL: "" });
    chat.type("begun\u0007");
    await chat.expect(/begun and␤more/);
    chat.type("\r");
    await chat.expect(/ok/);
    expect(sentTo(server)).toEqual(["begun and\nmore"]);
  });

  it("is completed by Tab: commands, their arguments, files", async () => {
    writeFileSync(join(folder, "notes.txt"), "The sky is green.");
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    for (const keys of ["/eff", "\t", "hi", "\t", "\r"]) await press(chat, keys);
    await chat.expect(/Effort is high\./);
    for (const keys of [`Read @${folder}/no`, "\t", "\r"]) await press(chat, keys);
    await chat.expect(/attached .*notes\.txt \(17 B\)[\s\S]*ok/);
    expect(sentTo(server)[0]).toMatch(/^Read @\S+notes\.txt\n\nFile \S+notes\.txt:\n```txt\nThe sky is green\.\n```$/);
  });

  it("is remembered by the next chat, in a file for the owner alone", async () => {
    const server = await answering("ok");
    const first = await openChat(["--base-url", server.url]);
    first.type("もう一度\r");
    await first.expect(/ok/);
    first.kill();
    const second = await openChat(["--base-url", server.url, "--no-save"]);
    second.type("\u001B[A");
    await second.expect(/もう一度/);
    expect(statSync(join(folder, "input-history.jsonl")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "input-history.jsonl"), "utf8")).toContain('"もう一度"');
  });

  it("leaves nothing on the disk with --no-save", async () => {
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    chat.type("my secret\r");
    await chat.expect(/ok/);
    chat.type("\u0003");
    await chat.expect(/\[interrupted\]\nYou: /);
    await press(chat, "/system another secret\r");
    await press(chat, "exit\r");
    expect(await chat.exitStatus()).toBe(0);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.filter((file) => /secret/.test(readFileSync(join(file.parentPath, file.name), "utf8")))).toEqual([]);
  });

  it("is refused when a file is not text, or is missing", async () => {
    writeFileSync(join(folder, "cat.png"), Buffer.from("89504e470d0a1a0a", "hex"));
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    chat.type(`What is @${folder}/cat.png\r`);
    await chat.expect(/cat\.png is a PNG image, not a text file\.\nYou: /);
    chat.type(`And @${folder}/dog.txt\r`);
    await chat.expect(/File not found: .*dog\.txt/);
    expect(server.requests).toEqual([]);
  });
});

describe("Ctrl-Z", () => {
  const SHELL = "sh> ";

  /** A chat that an interactive shell has started, as a job that it can stop and continue. */
  async function openInShell(server: ScriptedServer): Promise<Terminal> {
    const shell = new Terminal(["--norc", "-i"], { GPT_OSS_DATA: folder, PS1: SHELL }, { program: "bash" });
    terminals.push(shell);
    await shell.expect(/sh> /);
    shell.type("stty -a | sort > before\r".replace("before", join(folder, "before")));
    await shell.expect(/sh> /);
    const program = packageFile("dist/src/cli.js");
    shell.type(`${process.execPath} ${program} chat --no-save --base-url ${server.url}\r`);
    await shell.expect(/You: /);
    return shell;
  }

  async function expectUsualModes(shell: Terminal): Promise<void> {
    shell.type(`stty -a | sort | diff ${join(folder, "before")} - && echo same modes\r`);
    await shell.expect(/\nsame modes/);
  }

  it("stops the chat at the prompt, and fg brings back what was typed", async () => {
    const server = await answering("ok");
    const shell = await openInShell(server);
    shell.type("half");
    await shell.expect(/half/);
    shell.type("\u001A");
    await shell.expect(/Stopped[\s\S]*sh> /);
    await expectUsualModes(shell);
    shell.type("fg\r");
    await shell.expect(/You: half/);
    shell.type(" done\r");
    await shell.expect(/ok/);
    expect(sentTo(server)).toEqual(["half done"]);
    shell.type("\u0003");
    await shell.expect(/\[interrupted\]\nYou: /);
    shell.type("exit\r");
    await shell.expect(/sh> /);
    await expectUsualModes(shell);
  });

  it("stops it in the middle of an answer, and keys work after fg", async () => {
    const shell = await openInShell(await answering("one two three"));
    shell.type("Go\r");
    await shell.expect(/three/);
    shell.type("\u001A");
    await shell.expect(/Stopped[\s\S]*sh> /);
    await expectUsualModes(shell);
    shell.type("fg\r");
    await shell.expect(/chat --no-save/);
    // the shell writes the command before it continues it, and until then the keys are the shell's
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    shell.type("\u0003");
    await shell.expect(/\[interrupted\]\nYou: /);
    shell.type("exit\r");
    await shell.expect(/sh> /);
    await expectUsualModes(shell);
  });
});

describe("Ctrl-C at the prompt", () => {
  it("leaves when pressed twice, and says so again after something was typed", async () => {
    const chat = await openChat(["--base-url", "http://127.0.0.1:9", "--no-save"]);
    await press(chat, "\u0003");
    await chat.expect(/Ctrl-C/);
    await press(chat, "text");
    await press(chat, "\u0003");
    await press(chat, "\u0003");
    await chat.expect(/Ctrl-C/);
    await press(chat, "\u0003");
    expect(await chat.exitStatus()).toBe(130);
  });

  it("clears the line on a dumb terminal too, where Backspace and Ctrl-U edit", async () => {
    const server = await answering("ok");
    const chat = await openChat(["--base-url", server.url, "--no-save"], { TERM: "dumb" });
    for (const keys of ["secret", "\u0003", "gone", "\u0015", "hellox", "\u007F", "\r"]) await press(chat, keys);
    await chat.expect(/ok/);
    expect(sentTo(server)).toEqual(["hello"]);
    expect(chat.written).not.toContain("\u001B");
  });
});

function hasColours({ written }: Terminal): boolean {
  return written.split("\u001B[").some((part) => /^[\d;]*m/.test(part));
}

describe("what is shown", () => {
  const table = "| 名前 | n |\n|---|--:|\n| 山田太郎 | 1 |\n| Bob | 22 |\n\nThat is **all**.";

  it("fits 40 columns", async () => {
    const server = await answering(`${table} 長い文章は四十桁に収まるように折り返されて表示されるはずです。`);
    const chat = await openChat(["--base-url", server.url, "--no-save"], {}, { columns: 40 });
    chat.type("Go\r");
    await chat.expect(/はず/);
    const { lines } = await emulate(chat.written, 40);
    expect(lines).toEqual(expect.arrayContaining(["名前     │  n", "─────────┼───", "山田太郎 │  1", "Bob      │ 22"]));
    expect(lines).toContain("That is all. 長い文章は四十桁に収まるよ");
  });

  it("takes the new width when the window is resized in the middle of a table", async () => {
    const long = `| a | b |\n|---|---|\n| ${"wide ".repeat(12)}| x |\n`;
    const server = await startScriptedServer([
      { content: `<|channel|>final<|message|>${long}` },
      { wait: 1_500 },
      { content: "\nEnd of it\n" },
      { wait: 60_000 },
    ]);
    servers.push(server);
    const chat = await openChat(["--base-url", server.url, "--no-save"]);
    chat.type("Go\r");
    await chat.expect(/table, 3 rows so far/);
    chat.resize(40, 30);
    await chat.expect(/End of/);
    const rows = chat.text.split("\n").filter((line) => line.includes("wide"));
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(40);
  });

  it("has no colours with NO_COLOR, none and no moving line with TERM=dumb, and some else", async () => {
    const server = await answering(table);
    const plain = await openChat(["--base-url", server.url, "--no-save"]);
    plain.type("Go\r");
    await plain.expect(/That is all/);
    expect(hasColours(plain)).toBe(false);
    const dumb = await openChat(["--base-url", server.url, "--no-save"], { NO_COLOR: "", TERM: "dumb" });
    dumb.type("Go\r");
    await dumb.expect(/That is \*\*all/);
    expect(hasColours(dumb)).toBe(false);
    expect(dumb.text).not.toMatch(/waiting|rows so far/);
    const coloured = await openChat(["--base-url", server.url, "--no-save"], { NO_COLOR: "" });
    coloured.type("Go\r");
    await coloured.expect(/That is all/);
    expect(coloured.written).toContain("\u001B[1mall\u001B[22m");
  });

  it("is raw with --plain", async () => {
    const server = await answering(table);
    const chat = await openChat(["--base-url", server.url, "--no-save", "--plain"]);
    chat.type("Go\r");
    await chat.expect(/\| Bob \| 22 \|\n\nThat is \*\*all\*\*/);
  });

  it("speaks Japanese where the locale or the user says so", async () => {
    const server = await answering("はい");
    const chat = await openChat(["--base-url", server.url, "--no-save"], { LC_ALL: "ja_JP.UTF-8" });
    expect(chat.text).toContain(
      "チャットを始めます。exit で終了します。/help でコマンドの一覧を表示できます。\nあなた: ",
    );
    chat.type("/hepl\r");
    await chat.expect(/\/hepl.*\/help のことですか？/);
    chat.type("やあ\r");
    await chat.expect(/アシスタント: はい?/);
    const english = await openChat(["--base-url", server.url, "--no-save", "--lang", "ja"]);
    expect(english.text).toContain("あなた: ");
  });
});
