import { PassThrough, Writable } from "node:stream";
import { afterEach, describe, expect, it } from "@jest/globals";
import { array, assert, asyncProperty, constantFrom, integer, oneof } from "fast-check";
import { mentionsIn, unescapeMentions } from "../../../src/chat/attachments.ts";
import type { ReadResult } from "../../../src/chat/line-reader.ts";
import { TerminalLineReader, type TerminalLineReaderOptions } from "../../../src/chat/terminal/terminal-line-reader.ts";
import { emulate } from "../support/emulated-screen.ts";

const LEFT = "\u001B[D";
const RIGHT = "\u001B[C";
const UP = "\u001B[A";
const BACKSPACE = "\u007F";
const CTRL = (letter: string) => String.fromCodePoint((letter.codePointAt(0) ?? 0) & 31);
const paste = (text: string) => `\u001B[200~${text}\u001B[201~`;

const readers: TerminalLineReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

interface Typed {
  readonly result: ReadResult;
  readonly written: string;
}

/** Types chunks at a prompt, each in one write, until a line is complete. */
async function type(
  chunks: readonly (string | Buffer)[],
  options: Partial<TerminalLineReaderOptions> & { columns?: number } = {},
): Promise<Typed> {
  let written = "";
  const input = new PassThrough();
  const output = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    }),
    { columns: options.columns ?? 80 },
  );
  const reader = new TerminalLineReader({ input, output, ...options });
  readers.push(reader);
  const reading = reader.read("ask: ");
  for (const chunk of chunks) {
    input.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result = await reading;
  reader.close();
  return { result, written };
}

const line = (text: string): ReadResult => ({ kind: "line", text });
const NINE_LINES = Array.from({ length: 9 }, (_, index) => `line ${index}`).join("\n");

describe("keys that arrive in one write", () => {
  it.each([
    [
      "an input method's text in the middle",
      ["私は昨日に行きました", ...Array<string>(6).fill(LEFT), "東京"],
      "私は昨日東京に行きました",
    ],
    ["several characters in the middle", ["abcd", LEFT, LEFT, "XYZ"], "abXYZcd"],
    ["everything at once", [`abcd${LEFT}${LEFT}XYZ${CTRL("a")}>${CTRL("e")}<`], ">abXYZcd<"],
    [
      "a long paste in the middle",
      ["ask:  please", ...Array<string>(7).fill(LEFT), paste(NINE_LINES)],
      `ask: ${NINE_LINES} please`,
    ],
    ["a short paste in the middle", ["[]", LEFT, paste("a\n\tb")], "[a\n\tb]"],
    ["an emoji of several code points", ["xy", LEFT, "👨‍👩‍👧"], "x👨‍👩‍👧y"],
    ["text and Tab", ["/eff\t"], "/effort "],
  ])("edit the line: %s", async (_what, keys, text) => {
    const complete = (typed: string) => [typed === "/eff" ? ["/effort "] : [], typed] as [string[], string];
    expect((await type([...keys, "\r"], { complete })).result).toEqual(line(text));
    expect((await type([`${keys.join("")}\r`], { complete })).result).toEqual(line(text));
  });

  it("do the same as keys that arrive apart, wherever the writes are cut", async () => {
    const key = oneof(
      constantFrom("a", "b ", "漢", "か\u3099", "é", "👨‍👩‍👧", "𠮷", "word ", "、"),
      constantFrom(
        LEFT,
        RIGHT,
        UP,
        "\u001B[B",
        "\u001B[3~",
        BACKSPACE,
        "\u001B[1;5D",
        "\u001B[1;5C",
        "\u001Bb",
        "\u001Bd",
      ),
      constantFrom(..."abefhkuwy_".split("").map(CTRL)),
      constantFrom(paste("x\ny"), paste(NINE_LINES)),
    );
    await assert(
      asyncProperty(
        array(key, { maxLength: 40 }),
        array(integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (keys, sizes) => {
          const all = Buffer.from(keys.join(""));
          const cut: Buffer[] = [];
          for (let at = 0, turn = 0; at < all.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            cut.push(all.subarray(at, at + size));
            at += size;
          }
          const history = ["older", "a漢 old", "a new"];
          // the mark shows where the cursor was
          const apart = await type([...keys, "|", "\r"], { history });
          const together = await type([`${all.toString()}|`, "\r"], { history });
          const anywhere = await type([...cut, "|", "\r"], { history });
          expect(together.result).toEqual(apart.result);
          expect(anywhere.result).toEqual(apart.result);
          const screens = await Promise.all([apart, together, anywhere].map(({ written }) => emulate(written)));
          expect(new Set(screens.map(({ text }) => text)).size).toBe(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("what is seen", () => {
  it.each([20, 21, 80])("is the whole line with the cursor in it, in a window of %i columns", async (columns) => {
    const text = "漢字とkanaまじりのながい文章 with words and 𠮷野家 at the end";
    const { written } = await type([text, ...Array<string>(9).fill(LEFT), "|", CTRL("a"), "^", "\r"], { columns });
    const { lines } = await emulate(written, columns);
    expect(lines.join("")).toBe(`ask: ^${text.slice(0, -9)}|${text.slice(-9)}`);
  });

  it("is written with nothing but Backspace on a dumb terminal", async () => {
    const { result, written } = await type(["hellox", BACKSPACE, "gone", CTRL("u"), "hello", LEFT, "p", "\r"], {
      isDumb: true,
    });
    expect(result).toEqual(line("hellpo"));
    expect(written).not.toContain("\u001B");
    const { lines } = await emulate(written);
    expect(lines.map((row) => row.trimEnd())).toEqual(["ask: hellpo"]);
  });
});

describe("what is deleted", () => {
  it.each([
    ["a family", "x👨‍👩‍👧", "x"],
    ["a kana with its mark", "xか\u3099", "x"],
    ["a flag", "x🇯🇵", "x"],
    ["a folded paste", `x${paste(NINE_LINES)}`, "x"],
  ])("is what a reader takes for one character: %s", async (_what, typed, left) => {
    expect((await type([typed, BACKSPACE, "\r"])).result).toEqual(line(left));
    expect((await type([typed, LEFT, "|", "\r"])).result).toMatchObject({ text: expect.stringMatching(/^x\|./s) });
  });

  it("comes back by Ctrl-Y and by undo", async () => {
    expect((await type(["one two", CTRL("w"), CTRL("a"), CTRL("y"), "\r"])).result).toEqual(line("twoone "));
    expect((await type(["one two", CTRL("w"), "\u001F", "\r"])).result).toEqual(line("one two"));
  });
});

describe("a pasted text", () => {
  it.each([
    ["at the start", ["", "@~/secret and @notes.md"]],
    ["after a blank", ["see ", "@/etc/passwd"]],
    ["after a word", ["me", "@example.com @x"]],
    ["with escapes of its own", ["", String.raw`\@a \\@b (@c)`]],
    ["folded", ["look: ", `@~/secret\n${NINE_LINES}`]],
  ])("names no file, and is sent as it is: %s", async (_what, [typed = "", pasted = ""]) => {
    for (const keys of [[typed, paste(pasted), "\r"], [`${typed}${paste(pasted)}\r`]]) {
      const { result } = await type(keys);
      const text = result.kind === "line" ? result.text : "";
      expect(mentionsIn(text)).toEqual([]);
      expect(unescapeMentions(text)).toBe(typed + pasted);
    }
  });

  it("after a typed @ is the path of a file", async () => {
    const { result } = await type(["@", paste("notes.md"), "\r"]);
    expect(result).toEqual(line("@notes.md"));
  });
});

describe("the history", () => {
  const history = ["newest question", "東京の天気", "an old question"];

  it("is walked by the arrows, and the unfinished line is at its end", async () => {
    expect((await type([UP, UP, "\r"], { history })).result).toEqual(line("東京の天気"));
    expect((await type(["draft", CTRL("a"), UP, UP, "\u001B[B", "\u001B[B", "\r"], { history })).result).toEqual(
      line("draft"),
    );
    expect((await type(["an", UP, "\r"], { history })).result).toEqual(line("an old question"));
  });

  it("is searched by Ctrl-R", async () => {
    expect((await type([CTRL("r"), "question", CTRL("r"), "\r"], { history })).result).toEqual(line("an old question"));
    expect((await type([`${CTRL("r")}天気`, "\r"], { history })).result).toEqual(line("東京の天気"));
    expect((await type(["kept", CTRL("r"), "question", CTRL("c"), "\r"], { history })).result).toEqual(line("kept"));
    expect((await type([CTRL("r"), "OLD", LEFT, LEFT, "X", "\r"], { history })).result).toEqual(
      line("an old questiXon"),
    );
  });

  it("gives a folded paste back whole", async () => {
    expect((await type([UP, "\r"], { history: [`look at ${NINE_LINES}`] })).result).toEqual(
      line(`look at ${NINE_LINES}`),
    );
  });
});

describe("Ctrl-C", () => {
  it("tells an interrupt after something was typed from a repeated one", async () => {
    expect((await type([CTRL("c")])).result).toEqual({ kind: "interrupt", isRepeated: true });
    expect((await type(["x", CTRL("c"), CTRL("c")])).result).toEqual({ kind: "interrupt", isRepeated: false });
  });
});

it("ends at Ctrl-D on an empty line, and deletes on another", async () => {
  expect((await type([CTRL("d")])).result).toEqual({ kind: "end" });
  expect((await type(["ab", LEFT, CTRL("d"), "\r"])).result).toEqual(line("a"));
});
