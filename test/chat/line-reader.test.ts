import { describe, expect, it } from "@jest/globals";
import { type LineReader, type ReadResult, readMessage } from "../../src/chat/line-reader.ts";

function reading(...lines: (string | ReadResult)[]): Promise<ReadResult> {
  const results = lines.map((line): ReadResult => (typeof line === "string" ? { kind: "line", text: line } : line));
  const reader: LineReader = {
    onInterrupt: undefined,
    read: () => Promise.resolve(results.shift() ?? { kind: "end" }),
    readNext: () => Promise.resolve({ kind: "end" }),
    interject: (write) => {
      write();
    },
    close: () => undefined,
  };
  return readMessage(reader, { first: "> ", more: ". " });
}

const line = (text: string) => ({ kind: "line", text });

describe("readMessage", () => {
  it.each<[string, (string | ReadResult)[], object]>([
    ["a line", ["hello"], line("hello")],
    ["the end", [{ kind: "end" }], { kind: "end" }],
    ["lines that go on", ["one\\", "two\\", "three"], line("one\ntwo\nthree")],
    ["a line that goes on into the end", ["one\\"], line("one\n")],
    ["a block", ['"""', "one", "  two", '"""'], line("one\n  two")],
    ["a block in a line", ['"""one"""'], line("one")],
    ["a block that begins and ends in its lines", ['"""one', 'two"""'], line("one\ntwo")],
    ["a block without end", ['"""one', "two"], line("one\ntwo")],
    ["a pasted text with a backslash at its end", ["one\ntwo\\"], line("one\ntwo\\")],
    [
      "a pasted text that begins with the mark of a block",
      ['"""doc"""\ndef f(): ...'],
      line('"""doc"""\ndef f(): ...'),
    ],
    ["Ctrl-C in a block", ['"""one', { kind: "interrupt" }], line("")],
    ["Ctrl-C after a backslash", ["one\\", { kind: "interrupt" }], line("")],
  ])("reads %s", async (_what, lines, result) => {
    expect(await reading(...lines)).toEqual(result);
  });
});
