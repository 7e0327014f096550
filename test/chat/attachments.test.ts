import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { attachFiles } from "../../src/chat/attachments.ts";
import { textFor } from "../../src/i18n/catalogue.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-attach-"));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src", "b.ts"), "");
  mkdirSync(join(folder, "src", "inner"));
  writeFileSync(join(folder, "notes.md"), "# Title\n```js\ncode\n```\n");
  writeFileSync(join(folder, "my file.txt"), "spaces");
  writeFileSync(join(folder, "sjis.txt"), Buffer.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd]));
  writeFileSync(join(folder, "euc.txt"), Buffer.from([0xa4, 0xb3, 0xa4, 0xf3, 0xa4, 0xcb, 0xa4, 0xc1, 0xa4, 0xcf]));
  writeFileSync(join(folder, "utf16.txt"), Buffer.from("\uFEFFこんにちは", "utf16le"));
  writeFileSync(join(folder, "doc.pdf"), "%PDF-1.7 …");
  writeFileSync(join(folder, "data.bin"), Buffer.from([1, 0, 2]));
  writeFileSync(join(folder, "large.txt"), "x".repeat(300_000));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const attach = (message: string) => attachFiles(message, { folder, messages: textFor("en").chat });

describe("attachFiles", () => {
  it("puts a file below the message, with its name and a fence longer than any in it", () => {
    expect(attach("Read @notes.md, please")).toEqual({
      text: "Read @notes.md, please\n\nFile notes.md:\n````md\n# Title\n```js\ncode\n```\n````",
      attached: ["attached notes.md (23 B)"],
    });
  });

  it.each([
    ['see @"my file.txt"', "File my file.txt:\n```txt\nspaces\n```"],
    ["@notes.mdを要約して", "File notes.md:"],
    ["これ（@notes.md）", "File notes.md:"],
    ["@src and @src/b.ts", "Folder src:\n```\nb.ts\ninner/\n```\n\nFile src/b.ts:"],
    ["@sjis.txt", "こんにちは"],
    ["@euc.txt", "こんにちは"],
    ["@utf16.txt", "こんにちは"],
  ])("finds what %j means", (message, block) => {
    expect(attach(message).text).toContain(block);
  });

  it.each(["ask @alice", "me@example.com", "no mention", "\\@notes.md"])("leaves %j alone", (message) => {
    const { text, attached } = attach(message);
    expect({ text, attached }).toEqual({ text: message.replace("\\@", "@"), attached: [] });
  });

  it.each([
    ["@missing.txt", /missing\.txt/],
    ["@doc.pdf", /doc\.pdf is a PDF document/],
    ["@data.bin", /data\.bin is binary data/],
    ["@large.txt", /large\.txt is .*293\.0 KB.* 256\.0 KB/],
  ])("refuses %j in a sentence", (message, sentence) => {
    expect(() => attach(message)).toThrow(sentence);
  });
});
