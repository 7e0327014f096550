import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFile } from "../../../src/platform/folders.ts";
import type { Highlighter } from "../../../src/chat/markdown/highlight.ts";
import { MarkdownRenderer } from "../../../src/chat/markdown/renderer.ts";
import { createStyle } from "../../../src/terminal/style.ts";
import { graphemesOf, widthOf } from "../../../src/terminal/text-width.ts";

export interface RenderOptions {
  readonly columns?: number;
  readonly colour?: boolean;
  readonly hyperlinks?: boolean;
  readonly column?: number;
  readonly highlighter?: Highlighter;
}

/** What the renderer writes for a text that comes in these pieces. */
export function render(pieces: readonly string[], options: RenderOptions = {}): string {
  const { columns = 80, colour = false, hyperlinks = false, column = 0, highlighter } = options;
  let written = "";
  const renderer = new MarkdownRenderer({
    write: (text) => (written += text),
    columns: () => columns,
    style: createStyle({ colour, redraw: true, hyperlinks }),
    column,
    highlighter: () => highlighter,
  });
  for (const piece of pieces) renderer.push(piece);
  renderer.end();
  return settled(written);
}

const ESCAPE = "\u001B[";

/** What stands there in the end: a word that moved to the next line has been taken back from where it began. */
function settled(text: string): string {
  const [first = "", ...later] = text.split(ESCAPE);
  let shown = first;
  for (const [index, part] of later.entries()) {
    const column = /^(\d+)G$/.exec(part)?.[1];
    if (column !== undefined && later[index + 1]?.startsWith("K")) {
      const lineStart = shown.lastIndexOf("\n") + 1;
      shown = shown.slice(0, lineStart) + beginningOf(shown.slice(lineStart), Number(column) - 1);
    } else if (part.startsWith("K")) shown += part.slice(1);
    else shown += ESCAPE + part;
  }
  return shown.replaceAll(/ +$/gm, "");
}

/** As much of a line as takes so many columns, with its colours. */
function beginningOf(line: string, columns: number): string {
  const [first = "", ...later] = line.split(ESCAPE);
  let kept = "";
  let left = columns;
  const add = (part: string) => {
    for (const sign of graphemesOf(part)) {
      left -= widthOf(sign);
      if (left >= 0) kept += sign;
    }
  };
  add(first);
  for (const part of later) {
    const colour = /^[\d;]*m/.exec(part)?.[0] ?? "";
    kept += ESCAPE + colour;
    add(part.slice(colour.length));
  }
  return kept;
}

/** What has been written after these pieces, of an answer that goes on. */
export function writtenSoFar(pieces: readonly string[], columns: number): string {
  let text = "";
  const renderer = new MarkdownRenderer({
    write: (part) => (text += part),
    columns: () => columns,
    style: createStyle({ colour: false, redraw: true, hyperlinks: false }),
  });
  for (const piece of pieces) renderer.push(piece);
  return text;
}

/** A text in pieces of so many UTF-16 units: also through the middle of characters. */
export function inPieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

export function sample(name: string): string {
  return readFileSync(packageFile(join("test/chat/markdown/samples", name)), "utf8");
}
