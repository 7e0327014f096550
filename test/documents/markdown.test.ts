import { describe, expect, it } from "@jest/globals";
import { assert, asyncProperty, integer, string, array, constantFrom, property } from "fast-check";
import { splitText, splitMarkdown, protectMarkdown } from "../../src/documents/markdown.ts";

/** Every UTF-16 unit is a token. */
const count = (text: string) => Promise.resolve(text.length);

describe("splitText", () => {
  it("cuts at the best places: paragraphs, then lines, sentences, words", async () => {
    expect(await splitText("one\n\ntwo\n\nthree", 10, count)).toEqual(["one\n\ntwo\n\n", "three"]);
    expect(await splitText("one\ntwo\nthree", 8, count)).toEqual(["one\ntwo\n", "three"]);
    expect(await splitText("First one. Second one.", 12, count)).toEqual(["First one. ", "Second one."]);
    expect(await splitText("今日は晴れ。明日は雨。", 6, count)).toEqual(["今日は晴れ。", "明日は雨。"]);
    expect(await splitText("aaaa bbbb", 5, count)).toEqual(["aaaa ", "bbbb"]);
    expect(await splitText("short", 10, count)).toEqual(["short"]);
    expect(await splitText("", 10, count)).toEqual([]);
  });

  it("loses nothing and goes over the limit only for a single character", async () => {
    await assert(
      asyncProperty(string({ unit: "grapheme", maxLength: 200 }), integer({ min: 1, max: 40 }), async (text, most) => {
        const pieces = await splitText(text, most, count);
        expect(pieces.join("")).toBe(text);
        for (const piece of pieces) {
          const characters = [...new Intl.Segmenter().segment(piece)].length;
          expect(piece.length <= most || characters === 1).toBe(true);
        }
      }),
    );
  });
});

const DOCUMENT = `---
title: x
---
# Title

Text with \`code\` and a [link](https://example.com/a_(b)).

\`\`\`ts
const a = "⟦1⟧";
\`\`\`

- item one
- item two
  \`\`\`sh
  rm -rf x
  \`\`\`

<div>html</div>

[ref]: https://example.com
`;

describe("splitMarkdown", () => {
  it("keeps code, HTML, definitions and front matter apart from prose", async () => {
    const pieces = await splitMarkdown(DOCUMENT, 1_000, count);
    expect(pieces.map(({ text }) => text).join("")).toBe(DOCUMENT);
    const verbatim = pieces.filter(({ kind }) => kind === "verbatim").map(({ text }) => text.trim());
    expect(verbatim).toEqual(
      expect.arrayContaining([
        "---\ntitle: x\n---",
        '```ts\nconst a = "⟦1⟧";\n```',
        "<div>html</div>",
        "[ref]: https://example.com",
      ]),
    );
    expect(pieces.filter(({ kind }) => kind === "prose").map(({ text }) => text.split("\n")[0])).toEqual([
      "# Title",
      "- item one",
    ]);
  });

  const blocks = constantFrom(
    "# Title\n\n",
    "A paragraph of some words.\n\n",
    "日本語の段落です。\n\n",
    "```\ncode\n```\n\n",
    "- a\n- b\n\n",
    "> quoted\n\n",
    "| a | b |\n| - | - |\n| 1 | 2 |\n\n",
    "<p>x</p>\n\n",
    "---\n\n",
    "    indented\n\n",
    "\n",
  );

  it("loses nothing, whatever the document", async () => {
    await assert(
      asyncProperty(array(blocks, { maxLength: 12 }), integer({ min: 5, max: 80 }), async (parts, most) => {
        const markdown = parts.join("");
        const pieces = await splitMarkdown(markdown, most, count);
        expect(pieces.map(({ text }) => text).join("")).toBe(markdown);
      }),
    );
  });
});

describe("protectMarkdown", () => {
  it.each([
    ["Use `a b` and ``c`d`` and `e", "Use ⟦1⟧ and ⟦2⟧ and `e"],
    ["See [the page](https://x.test/a_(b)) now.", "See [the page](⟦1⟧) now."],
    ["Go to https://x.test/a?b=c. Then", "Go to ⟦1⟧. Then"],
    ["<b>bold</b> and 1 < 2 > 0", "⟦1⟧bold⟦2⟧ and 1 < 2 > 0"],
    ["- x\n  ```\n  code\n  ```\n- y", "- x\n⟦1⟧\n- y"],
    ["Hello {{name}}[^1] ⟦9⟧", "Hello ⟦1⟧⟦2⟧ ⟦3⟧"],
    ["詳細は https://x.test/日本。次", "詳細は ⟦1⟧。次"],
  ])("%j becomes %j, and back", (markdown, hidden) => {
    const { text, restore } = protectMarkdown(markdown);
    expect(text).toBe(hidden);
    expect(restore(text)).toBe(markdown);
  });

  it("knows when something was lost, doubled or invented", () => {
    const { restore } = protectMarkdown("`a` and `b`");
    expect(restore("⟦2⟧ und ⟦1⟧")).toBe("`b` und `a`");
    for (const wrong of ["⟦1⟧", "⟦1⟧ ⟦1⟧", "⟦1⟧ ⟦2⟧ ⟦2⟧", "⟦1⟧ ⟦3⟧", "⟦0⟧ ⟦1⟧", ""])
      expect(restore(wrong)).toBeUndefined();
  });

  it("gives back any text", () => {
    const parts = constantFrom(
      "`",
      "``",
      "```\n",
      "[a](",
      ")",
      "<",
      ">",
      "https://x.y",
      "⟦1⟧",
      "{{a}}",
      "[^1]",
      " ",
      "\n",
      "あ",
      "~~~",
    );
    assert(
      property(array(parts, { maxLength: 30 }), (list) => {
        const { text, restore } = protectMarkdown(list.join(""));
        expect(restore(text)).toBe(list.join(""));
      }),
    );
  });
});
