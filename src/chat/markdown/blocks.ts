import type { LineWrapper } from "../../terminal/line-wrapper.ts";
import { type Style, type Paint, asItIs } from "../../terminal/style.ts";
import { widthOf } from "../../terminal/text-width.ts";
import type { Highlighter } from "./highlight.ts";

/** What a renderer of Markdown writes to, and how. */
export interface MarkdownRendererOptions {
  readonly write: (text: string) => void;
  /** Of the window, read again each time, since its size can change. */
  readonly columns: () => number;
  readonly style: Style;
  /** The cursor's column at the beginning. */
  readonly column?: number;
  /** Columns of a margin that `write` draws before each line. */
  readonly margin?: number;
  /** Asked for at each block of code; plain as long as there is none. */
  readonly highlighter?: (() => Highlighter | undefined) | undefined;
  /** A table is shown when it is whole: how many lines of it have come so far. */
  readonly onTable?: ((lines: number) => void) | undefined;
}

/** What a line of Markdown is, by its beginning alone: what a streaming reader can know. */
export type LineKind =
  | { readonly kind: "blank" }
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "rule" }
  | { readonly kind: "fence"; readonly indent: number; readonly mark: string; readonly language: string }
  | { readonly kind: "table" }
  /** A formula that begins here and does not end here. */
  | { readonly kind: "math" }
  | { readonly kind: "quote"; readonly text: string }
  | { readonly kind: "item"; readonly indent: number; readonly marker: string; readonly text: string }
  | { readonly kind: "text"; readonly indent: number; readonly text: string };

const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/;
const QUOTE = /^ {0,3}>[ \t]?(.*)$/;
const MATH = /^ *(?:\$\$(?!.*\$\$)|\\\[(?!.*\\\]))/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$/;

/** A beginning that more characters of the line could still make something else. */
const OPEN =
  /^ *(?:#{0,6}|[-*+_](?:[ \t]*[-*_])*[ \t]*|\d{0,9}(?:[.)][ \t]*)?|`{1,2}|~{1,2}|[`~]{3,}[^`]*|>|#{1,6}[ \t]+.*|\|.*|\\|\\\[.*|\$|\$\$.*)$/;

export function kindOfLine(line: string): LineKind {
  if (line.trim() === "") return { kind: "blank" };
  const fence = FENCE.exec(line);
  if (fence) return { kind: "fence", indent: fence[1]?.length ?? 0, mark: fence[2] ?? "", language: fence[3] ?? "" };
  const heading = HEADING.exec(line);
  if (heading) return { kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" };
  if (RULE.test(line)) return { kind: "rule" };
  if (/^ *\|/.test(line)) return { kind: "table" };
  if (MATH.test(line)) return { kind: "math" };
  const quote = QUOTE.exec(line);
  if (quote) return { kind: "quote", text: quote[1] ?? "" };
  const item = ITEM.exec(line);
  if (item) return { kind: "item", indent: item[1]?.length ?? 0, marker: item[2] ?? "-", text: item[3] ?? "" };
  const text = line.trimStart();
  return { kind: "text", indent: line.length - text.length, text };
}

/** The same for a line that is still being written: undefined while it could be more than one thing, or is shown only when whole. */
export function kindOfBeginning(line: string): LineKind | undefined {
  return OPEN.test(line) ? undefined : kindOfLine(line);
}

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

export interface VerbatimOptions {
  readonly wrapper: LineWrapper;
  readonly style: Style;
  readonly columns: () => number;
  readonly highlighter: Highlighter | undefined;
}

/** A block whose lines are shown as they are. */
export interface VerbatimBlock {
  /** @returns whether the block ends with this line */
  line(text: string): boolean;
  end(): void;
}

const LABEL_WIDTH = 40;

/** Code: its language above, its lines as they are, so that they can be copied from the screen. */
export class CodeBlock implements VerbatimBlock {
  readonly #options: VerbatimOptions;
  readonly #indent: number;
  readonly #mark: string;
  readonly #language: string;
  #code = "";

  constructor(fence: { indent: number; mark: string; language: string }, options: VerbatimOptions) {
    this.#options = options;
    this.#indent = fence.indent;
    this.#mark = fence.mark;
    this.#language = fence.language.toLowerCase();
    this.#rule(fence.language);
  }

  line(text: string): boolean {
    const trimmed = text.trim();
    if (trimmed.length >= this.#mark.length && trimmed === (this.#mark[0] ?? "`").repeat(trimmed.length)) {
      this.end();
      return true;
    }
    const line = text.replace(new RegExp(`^ {0,${this.#indent}}`), "");
    this.#code += `${this.#code === "" ? "" : "\n"}${line}`;
    const { wrapper, style, highlighter } = this.#options;
    const spans = line === "" ? [] : highlighter?.(this.#code, this.#language, style);
    for (const span of spans ?? [{ text: line, paint: asItIs }]) wrapper.writeRaw(span.text, span.paint);
    wrapper.newline();
    return false;
  }

  end(): void {
    this.#rule("");
  }

  #rule(label: string): void {
    const { wrapper, style, columns } = this.#options;
    const before = label === "" ? "" : `─── ${label} `;
    wrapper.writeRaw(before + "─".repeat(Math.max(0, Math.min(columns(), LABEL_WIDTH) - widthOf(before))), style.dim);
    wrapper.newline();
  }
}

/** A formula in TeX over several lines, as it stands. */
export class MathBlock implements VerbatimBlock {
  readonly #options: VerbatimOptions;
  readonly #end: string;

  constructor(first: string, options: VerbatimOptions) {
    this.#options = options;
    this.#end = first.trimStart().startsWith("$$") ? "$$" : "\\]";
    this.#write(first);
  }

  line(text: string): boolean {
    this.#write(text);
    return text.includes(this.#end);
  }

  end(): void {
    // nothing stands below a formula
  }

  #write(text: string): void {
    const { wrapper, style } = this.#options;
    wrapper.writeRaw(text, style.cyan);
    wrapper.newline();
  }
}
