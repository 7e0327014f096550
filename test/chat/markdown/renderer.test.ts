import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { array, assert, asyncProperty, constantFrom, integer, property } from "fast-check";
import { packageFile } from "../../../src/platform/folders.ts";
import { inlineSpans } from "../../../src/chat/markdown/inline.ts";
import { createStyle } from "../../../src/terminal/style.ts";
import { loadHighlighter } from "../../../src/chat/markdown/highlight.ts";
import { widthOf } from "../../../src/terminal/text-width.ts";
import { emulate } from "../support/emulated-screen.ts";
import { inPieces, render, sample, writtenSoFar } from "../support/render.ts";
import { sized } from "../../support/full-size.ts";

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

  it.each(["\\\\(\\)", "\\$$a$$", "\\\\\\(a\\) b"])(
    "shows %j the same: math behind backslashes, cut anywhere",
    (text) => {
      expect(render(inPieces(text, 1))).toBe(render([text]));
    },
  );

  it.each(["1.  *", "1) \t a", "-  a", "+   *a*"])("shows %j the same: spaces after a marker, cut anywhere", (text) => {
    expect(render(inPieces(text, 1))).toBe(render([text]));
  });

  it("wraps the same where the dots of a kana come in another piece", () => {
    const text = "1.)か\u3099」**\\(";
    expect(render(inPieces(text, 4), { columns: 12 })).toBe(render([text], { columns: 12 }));
  });

  it("shows the same for any text and any cuts", () => {
    const pieces = constantFrom(
      ..."* ** _ ` ``` [ ]( ) ( | \n \n\n # > - 1. ~~ \\ \\( \\) $$ < <br> & https://x.y ! a b あ 。 「 」 👨‍👩‍👧 𠮷".split(
        " ",
      ),
      ..."\n> |\n --- --|-- \n--|--\n a|b\n **a\nb** word longerword 日本語の文章".split(" "),
      "\n\n> ",
      "\n  ",
      " ",
      "か\u3099",
    );
    assert(
      property(
        array(pieces, { maxLength: 40 }),
        integer({ min: 1, max: 9 }),
        constantFrom(12, 25, 80),
        (parts, size, columns) => {
          const text = parts.join("");
          expect(render(inPieces(text, size), { columns })).toBe(render([text], { columns }));
        },
      ),
      { numRuns: sized(400, 2_000) },
    );
  });

  it("shows what is decided at once", () => {
    let written = "";
    const steps: [piece: string, shown: string][] = [
      ["Hello wor", "Hello wor"],
      ["ld **bo", "Hello world"],
      ["ld** x", "Hello world bold"],
      ["\n", "Hello world bold x\n"],
      ["日本語で", "Hello world bold x\n日本語で"],
    ];
    const pieces: string[] = [];
    for (const [piece, shown] of steps) {
      pieces.push(piece);
      written = render(pieces);
      expect(written.startsWith(shown)).toBe(true);
    }
    expect(written).toBe("Hello world bold x\n日本語で\n");
  });

  it("renders hostile text to its end", () => {
    for (const hostile of ["[", "**", "`", "<a ", "|", "> ", "- ", "_a", "\\("]) {
      const written = render(inPieces(hostile.repeat(20_000), 50));
      expect(written.length).toBeGreaterThan(0);
    }
  });

  it("passes no control sequence through", () => {
    expect(render(["a\u001B[2Jb\u0007c\u009B31m"])).toBe("a[2Jbc31m\n");
  });
});

/** The whole line as marked reads it, a look for each of its letters. */
function markedLine(text: string): string {
  const style = createStyle({ colour: true, redraw: true, hyperlinks: false });
  return inlineSpans(text, style)
    .map(({ text: part, paint }) => paint(part))
    .join("");
}

/** What stands on the screen with its looks: a word is drawn in the parts in which it comes. */
async function cellsOf(written: string): Promise<string> {
  return (await emulate(written, 1_000)).looks;
}

describe("emphasis", () => {
  it.each([
    ["n*(n+1)/2 and n*(n-1)", "n*(n+1)/2 and n*(n-1)"],
    ["Match **/*.ts files.", "Match **/*.ts files."],
    ["2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"],
  ])("is none in %j", (text, shown) => {
    for (const size of [1, 3, 100]) expect(render(inPieces(text, size), { colour: true })).toBe(`${shown}\n`);
  });

  it.each([
    // the rule of three: ** can close * neither here nor there
    ["a*x**2 + b*x + c", "a-1 xi-1*i-1*i-12i-1 +i-1 bi-1x-1 +-1 c-1"],
    ["*see (**bold**) here*", "si-1ei-1ei-1 (i-1bbi-1obi-1lbi-1dbi-1)i-1 hi-1ei-1ri-1ei-1"],
    ["**a***b*", "ab-1bi-1"],
  ])("of %j nests, and ends where CommonMark says", async (text, looks) => {
    for (const size of [1, 4, 100])
      expect(await cellsOf(render(inPieces(text, size), { colour: true }))).toBe(looks.replace("a-1 x", "a-1x"));
  });

  it("is what marked reads in the whole line, however the line is cut", async () => {
    const pieces = constantFrom(
      ..."* ** *** _ __ ~ ~~ ` `` [a](b) [ ] ( ) \\* \\_ \\ . , ! / + a b 1 x2 あ 漢字 。 「 」 word 𠮷 é &amp;".split(
        " ",
      ),
      " ",
      " ",
    );
    await assert(
      asyncProperty(array(pieces, { maxLength: 30 }), integer({ min: 1, max: 9 }), async (parts, size) => {
        const text = `x ${parts.join("")} x`;
        const options = { columns: 1_000, colour: true };
        expect(await cellsOf(render(inPieces(text, size), options))).toBe(await cellsOf(markedLine(text)));
      }),
      { numRuns: 200 },
    );
  });
});

describe("the word that is being written", () => {
  it("stands there at once, and moves to the next line when it gets too long", async () => {
    const pieces = ["An answer in ", "twe", "nty colu", "mns"];
    const screens = pieces.map((_, count) => emulate(writtenSoFar(pieces.slice(0, count + 1), 20), 20));
    expect((await Promise.all(screens)).map(({ text }) => text)).toEqual([
      "An answer in",
      "An answer in twe",
      "An answer in twenty\ncolu",
      "An answer in twenty\ncolumns",
    ]);
  });

  it("moves from the very end of a line too, of full-width characters and beside a bar", async () => {
    const { text } = await emulate(writtenSoFar(["> あいうえ", " abcd", "ef", "\n> 」で", "す"], 14), 14);
    expect(text).toBe("│ あいうえ\n│ abcdef\n│ 」です");
  });

  it("waits only while it could still become something else", async () => {
    for (const [text, shown] of [
      ["a <", "a"],
      ["a **b", "a"],
      ["see [x", "see"],
      ["to http", "to"],
      ["3 * 4", "3 * 4"],
      ["家族👨", "家族"],
    ] as const)
      expect((await emulate(writtenSoFar([text], 40), 40)).text).toBe(shown);
  });
});

describe("elements that continue in the next line", () => {
  it("is emphasis, code and a link", () => {
    const text = "A **b\nc** d `e\nf` [g\nh](http://x.y)\n- *i\n  j*\n";
    const shown = render([text], { colour: true });
    expect(shown).toContain("A \u001B[1mb\u001B[22m\n\u001B[1mc\u001B[22m d \u001B[36me");
    expect(stripVTControlCharacters(shown)).toBe("A b\nc d e f g\nh (http://x.y)\n• i\n  j\n");
  });

  it("is nothing else: what another block begins with stays what it is", () => {
    expect(render(["a **b\n\nc** d\n"])).toBe("a **b\n\nc** d\n");
    expect(render(["a **b\n- c** d\n"])).toBe("a **b\n• c** d\n");
    expect(render(["a *b\n# c*\n"])).toBe("a *b\nc*\n");
  });
});

describe("a quotation", () => {
  it("holds blocks of its own: code, lists, tables, quotations", () => {
    const text = "> a\n> ```js\n> x > 1\n> ```\n> - b\n>   c\n>\n> | d | e |\n> |---|---|\n> | 1 | 2 |\n> > f\n\ng\n";
    expect(render([text], { columns: 24 })).toBe(
      [
        "│ a",
        "│ ─── js ───────────────",
        "│ x > 1",
        "│ ──────────────────────",
        "│ • b",
        "│   c",
        "│",
        "│ d │ e",
        "│ ──┼──",
        "│ 1 │ 2",
        "│ │ f",
        "",
        "g",
        "",
      ].join("\n"),
    );
  });
});

describe("a table", () => {
  it("needs no bars at its sides", () => {
    const loose = "Name | Age\n---|--:\nAlice | 30\nBob | 5\nAnd more.\n";
    expect(render(["Before\n", ...inPieces(loose, 3)])).toBe(
      "Before\nName  │ Age\n──────┼────\nAlice │  30\nBob   │   5\nAnd more.\n",
    );
  });

  it("is none without the line below its header, and not in code", () => {
    expect(render(["a | b\nc | d\n\n`x | y`\n---\n"])).toBe(`a | b\nc | d\n\nx | y\n${"─".repeat(40)}\n`);
  });

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

  it("is shown as its lines when it is not a table", () => {
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
