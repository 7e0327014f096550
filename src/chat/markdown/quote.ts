import type { MarkdownRendererOptions } from "./renderer-options.ts";
import type { Paint } from "../terminal/style.ts";

const SIGN = "│ ";
/** Columns of bars after which a quotation in a quotation is plain text. */
const WIDEST_MARGIN = 16;
const NARROWEST = 8;

export function mayQuote({ margin = 0 }: MarkdownRendererOptions): boolean {
  return margin < WIDEST_MARGIN;
}

/** How the inside of a quotation is rendered: as Markdown of its own, with a bar before each line. */
export function insideQuote(options: MarkdownRendererOptions, write: (text: string) => void): MarkdownRendererOptions {
  const { style, columns, margin = 0, highlighter, onTable } = options;
  return {
    write: marginWriter(write, SIGN, style.dim),
    columns: () => Math.max(NARROWEST, columns() - SIGN.length),
    margin: margin + SIGN.length,
    style,
    highlighter,
    onTable,
  };
}

/** Writes lines with something before each of them: the bar of a quotation. */
function marginWriter(write: (text: string) => void, sign: string, paint: Paint): (text: string) => void {
  let isAtStart = true;
  return (text) => {
    for (const part of text.split(/(\n)/)) {
      if (part === "") continue;
      if (isAtStart) write(paint(part === "\n" ? sign.trimEnd() : sign));
      write(part);
      isAtStart = part === "\n";
    }
  };
}
