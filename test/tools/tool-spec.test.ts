import { describe, expect, it } from "@jest/globals";
import { parseToolSpec } from "../../src/tools/tool-spec.ts";

describe("parseToolSpec", () => {
  it("reads kinds and their paths", () => {
    expect(parseToolSpec(String.raw`calculator, clock,files:~/my notes,read:/a\,b:c,mcp`, "/home/me")).toEqual([
      { kind: "calculator" },
      { kind: "clock" },
      { kind: "files", path: "/home/me/my notes" },
      { kind: "read", path: "/a,b:c" },
      { kind: "mcp" },
    ]);
  });

  it.each([
    ["", "No tool was given."],
    ["calcualtor", 'Unknown tool: "calcualtor".'],
    ["files", "files needs a folder: files:PATH."],
    ["command:", "command needs a folder: command:PATH."],
    ["clock:/tmp", "clock takes no path."],
    ["toString", 'Unknown tool: "toString".'],
  ])("refuses %j", (text, sentence) => {
    expect(() => parseToolSpec(text)).toThrow(expect.objectContaining({ code: "usage", message: sentence }));
  });
});
