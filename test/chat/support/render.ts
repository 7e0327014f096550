import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFile } from "../../../setup/package-folder.ts";
import type { Highlighter } from "../../../src/chat/markdown/highlight.ts";
import { MarkdownRenderer } from "../../../src/chat/markdown/renderer.ts";
import { graphemesOf, widthOf } from "../../../src/chat/terminal/width.ts";
import { createStyle } from "../../../src/chat/terminal/style.ts";

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

const TAKEN_BACK = /\u001B\[(\d+)G\u001B\[K/;

/** What stands there in the end: a word that moved to the next line has been taken back from where it began. */
function settled(written: string): string {
  let text = written;
  for (let match = TAKEN_BACK.exec(text); match !== null; match = TAKEN_BACK.exec(text)) {
    const lineStart = text.lastIndexOf("\n", match.index) + 1;
    const kept = beginningOf(text.slice(lineStart, match.index), Number(match[1]) - 1);
    text = text.slice(0, lineStart) + kept + text.slice(match.index + match[0].length);
  }
  return text.replaceAll(/ +$/gm, "");
}

/** As much of a line as takes so many columns, with its escape sequences. */
function beginningOf(line: string, columns: number): string {
  let kept = "";
  let left = columns;
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001B\[[\d;]*m)/)) {
    for (const sign of part.startsWith("\u001B") ? [part] : graphemesOf(part)) {
      if (!sign.startsWith("\u001B")) left -= widthOf(sign);
      if (left >= 0) kept += sign;
    }
  }
  return kept;
}

/** What has been written after these pieces, of an answer that goes on. */
export function written(pieces: readonly string[], columns: number): string {
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
