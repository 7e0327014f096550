import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { array, assert, constantFrom, integer, property } from "fast-check";
import { packageFile } from "../../../setup/package-folder.ts";
import { loadHighlighter } from "../../../src/chat/markdown/highlight.ts";
import { widthOf } from "../../../src/chat/terminal/width.ts";
import { emulate } from "../support/emulated-screen.ts";
import { inPieces, render, sample } from "../support/render.ts";

const SAMPLES = ["english.md", "japanese.md"];

/** Compared with the file; written anew where UPDATE_GOLDEN is set. */
function expectGolden(name: string, text: string): void {
  const path = packageFile(join("test/chat/markdown/golden", name));
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, text);
  expect(existsSync(path)).toBe(true);
  expect(text).toBe(readFileSync(path, "utf8"));
}

describe("what is on the screen", () => {
  it.each(SAMPLES.flatMap((name) => [80, 40].map((columns) => ({ name, columns }))))(
    "$name in $columns columns",
    async ({ name, columns }) => {
      const { text } = await emulate(render([sample(name)], { columns }), columns);
      expectGolden(`${name.replace(".md", "")}-${columns}.txt`, `${text}\n`);
    },
  );

  it("has colours, and the same text with them as without", async () => {
    const highlighter = await loadHighlighter();
    const written = render([sample("english.md")], { colour: true, highlighter });
    expectGolden("english-colour.txt", written.replaceAll("\u001B", "␛"));
    expect(stripVTControlCharacters(written)).toBe(render([sample("english.md")]));
  });
});

describe("a text in pieces", () => {
  it.each(SAMPLES)("%s looks the same, however it is cut", (name) => {
    const text = sample(name);
    const whole = render([text]);
    for (const size of [1, 2, 3, 5, 7, 11]) expect(render(inPieces(text, size))).toBe(whole);
    for (let at = 0; at < text.length; at += 17) expect(render([text.slice(0, at), text.slice(at)])).toBe(whole);
  });

  it("never breaks a character, of however many code points", () => {
    const text = "家族👨‍👩‍👧と国旗🇯🇵と肌👍🏽とか\u3099と𠮷\n";
    for (const size of [1, 2, 3])
      expect(render(inPieces(text, size), { columns: 12 })).toBe(render([text], { columns: 12 }));
    expect(render([text], { columns: 12 }).replaceAll("\n", "")).toBe(text.trimEnd());
  });

  it("shows the same for any text and any cuts", () => {
    const pieces = constantFrom(
      ..."* ** _ ` ``` [ ]( ) ( | \n \n\n # > - 1. ~~ \\ \\( \\) $$ < <br> & https://x.y ! a b あ 。 「 」 👨‍👩‍👧 𠮷".split(
        " ",
      ),
      " ",
      "か\u3099",
    );
    assert(
      property(array(pieces, { maxLength: 40 }), integer({ min: 1, max: 9 }), (parts, size) => {
        const text = parts.join("");
        expect(render(inPieces(text, size))).toBe(render([text]));
      }),
      { numRuns: 1_000 },
    );
  });

  it("shows what is decided at once", () => {
    let written = "";
    const steps: [piece: string, shown: string][] = [
      ["Hello wor", "Hello"],
      ["ld **bo", "Hello world"],
      ["ld** x", "Hello world bold"],
      ["\n", "Hello world bold x\n"],
      ["日本語で", "Hello world bold x\n日本"],
    ];
    const pieces: string[] = [];
    for (const [piece, shown] of steps) {
      pieces.push(piece);
      written = render(pieces);
      expect(written.startsWith(shown)).toBe(true);
    }
    expect(written).toBe("Hello world bold x\n日本語で\n");
  });

  it("never waits without end, and takes hostile text in its stride", () => {
    for (const hostile of ["[", "**", "`", "<a ", "|", "> ", "- ", "_a", "\\("]) {
      const begun = performance.now();
      const written = render(inPieces(hostile.repeat(20_000), 50));
      expect(written.length).toBeGreaterThan(0);
      expect(performance.now() - begun).toBeLessThan(20_000);
    }
  });

  it("passes no control sequence through", () => {
    expect(render(["a\u001B[2Jb\u0007c\u009B31m"])).toBe("a[2Jbc31m\n");
  });
});

describe("a table", () => {
  const table = "| 名前 | n |\n|---|--:|\n| 山田太郎 | 1 |\n| Bob | 22 |\n";

  it("has its columns aligned by width", () => {
    const lines = render([table]).trimEnd().split("\n");
    const bar = lines.map((line) => widthOf(line.slice(0, line.search(/[│┼]/))));
    expect(new Set(bar).size).toBe(1);
  });

  it("is broken inside its cells where it is too wide, and a list where even that is too narrow", () => {
    const wide = `| a | b |\n|---|---|\n| ${"word ".repeat(20)}| x |\n`;
    const lines = render([wide], { columns: 40 }).trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => widthOf(line)))).toBeLessThanOrEqual(40);
    const columns = `|${" c |".repeat(12)}\n|${"---|".repeat(12)}\n|${" v |".repeat(12)}\n`;
    expect(render([columns], { columns: 40 })).toContain("c: v\nc: v\n");
  });

  it("is told as the lines that it is made of when it is none", () => {
    expect(render(["| just | text\nand more\n"])).toBe("| just | text\nand more\n");
  });
});

describe("a link", () => {
  it("is clickable where that is known to work, and followed by its address elsewhere", () => {
    const text = "[here](https://example.com)";
    expect(render([text])).toBe("here (https://example.com)\n");
    expect(render([text], { colour: true, hyperlinks: true })).toContain("\u001B]8;;https://example.com\u001B\\");
  });
});
