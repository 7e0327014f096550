import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFile } from "../../../setup/package-folder.ts";
import type { Highlighter } from "../../../src/chat/markdown/highlight.ts";
import { MarkdownRenderer } from "../../../src/chat/markdown/renderer.ts";
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
  return written;
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
