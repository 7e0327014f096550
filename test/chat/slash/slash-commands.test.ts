import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, afterAll, beforeAll } from "@jest/globals";
import { parseLine, completeLine } from "../../../src/chat/slash/slash-commands.ts";

describe("parseLine", () => {
  it.each([
    ["/undo 2", { kind: "command", name: "undo", argument: "2" }],
    ["/UNDO", { kind: "command", name: "undo", argument: "" }],
    ["／ｕｎｄｏ　２", { kind: "command", name: "undo", argument: "２" }],
    ["/system two\nlines", { kind: "command", name: "system", argument: "two\nlines" }],
    ["/quit", { kind: "command", name: "exit", argument: "" }],
    ["/?", { kind: "command", name: "help", argument: "" }],
    ["hello /undo", { kind: "message", text: "hello /undo" }],
    ["/etc/hosts is a file", { kind: "message", text: "/etc/hosts is a file" }],
    ["//undo", { kind: "message", text: "/undo" }],
    ["/ undo", { kind: "message", text: "/ undo" }],
    ["/undoo", { kind: "unknown", name: "/undoo", nearest: "undo" }],
    ["/sess", { kind: "unknown", name: "/sess", nearest: "sessions" }],
    ["/foo", { kind: "unknown", name: "/foo", nearest: undefined }],
    ["/zzzzzz", { kind: "unknown", name: "/zzzzzz", nearest: undefined }],
  ])("reads %j", (text, parsed) => {
    expect(parseLine(text)).toEqual(parsed);
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-complete-"));
  mkdirSync(join(folder, "notes"));
  writeFileSync(join(folder, "note 1.txt"), "");
  writeFileSync(join(folder, ".hidden"), "");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("completeLine", () => {
  it.each([
    ["/und", ["/undo "], "/und"],
    ["/effort m", ["medium"], "m"],
    ["/effort ", ["low", "medium", "high"], ""],
    ["/set to", ["top_p"].filter((name) => name.startsWith("to")), "to"],
    ["look at @not", ['@"note 1.txt"', "@notes/"], "@not"],
    ["@.h", ["@.hidden"], "@.h"],
    ["@nowhere/x", [], "@nowhere/x"],
    ["/export no", ["note 1.txt", "notes/"], "no"],
    ["hello", [], ""],
    ["/resume x", [], "x"],
    ["/tools o", ["on", "off"], "o"],
    ["/tools on c", ["on calculator", "on clock", "on code:", "on command:"], "on c"],
    ["/tools on clock,ca", ["on clock,calculator"], "on clock,ca"],
    ["/tools on read:no", ["on read:note 1.txt", "on read:notes/"], "on read:no"],
    ["/tools cal", ["calculator"], "cal"],
    ["/tools off x", [], "off x"],
  ])("offers for %j", (line, offers, part) => {
    const [given, replaced] = completeLine(line, undefined, folder);
    expect({ given: given.toSorted(), replaced }).toEqual({ given: offers.toSorted(), replaced: part });
  });
});
