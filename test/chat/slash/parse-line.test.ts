import { describe, expect, it } from "@jest/globals";
import { parseLine } from "../../../src/chat/slash/parse-line.ts";

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
