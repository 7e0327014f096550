import { LineWrapper } from "../terminal/line-wrapper.ts";
import { asItIs, both, type Style, withoutControls } from "../terminal/style.ts";
import type { Highlighter } from "./highlight.ts";
import { inlineSpans } from "./inline.ts";
import { kindOfBeginning, kindOfLine, type LineKind } from "./line-kind.ts";
import { tableLines } from "./table.ts";
import { unitsOf } from "./units.ts";
import { CodeBlock, MathBlock, type VerbatimBlock } from "./verbatim-block.ts";

export interface MarkdownRendererOptions {
  readonly write: (text: string) => void;
  /** Of the window, asked anew all the time. */
  readonly columns: () => number;
  readonly style: Style;
  /** Where the cursor stands in its line at the beginning. */
  readonly column?: number;
  /** Asked for at each block of code; plain as long as there is none. */
  readonly highlighter?: (() => Highlighter | undefined) | undefined;
  /** A table is shown when it is whole: how many lines of it have come so far. */
  readonly onTable?: ((lines: number) => void) | undefined;
}

const RULE_WIDTH = 40;

/**
 * Markdown as it streams in. What has been written stays as it is: each thing is written as soon as nothing that may follow can change
 * what it means. A table is written when it is whole, a line of code when it ends.
 */
export class MarkdownRenderer {
  readonly #options: MarkdownRendererOptions;
  readonly #wrapper: LineWrapper;
  /** Of the current line: what is not written yet. */
  #held = "";
  /** The current line is text whose beginning is written. */
  #inText = false;
  /** The last character of the line that is written. */
  #before = "";
  #table: string[] = [];
  #block: VerbatimBlock | undefined;
  #blankBefore = false;

  constructor(options: MarkdownRendererOptions) {
    this.#options = options;
    this.#wrapper = new LineWrapper(options);
  }

  push(text: string): void {
    const [first = "", ...rest] = withoutControls(text).split("\n");
    this.#add(first);
    for (const part of rest) {
      this.#endLine();
      this.#add(part);
    }
  }

  /** Writes all that is held, and ends the line. */
  end(): void {
    if (this.#held !== "" || this.#inText) this.#endLine();
    this.#endTable();
    this.#block?.end();
    this.#block = undefined;
    this.#wrapper.freshLine();
  }

  #add(text: string): void {
    if (text === "") return;
    this.#held += text;
    if (this.#block !== undefined) return;
    if (!this.#inText) {
      const kind = kindOfBeginning(this.#held);
      if (kind === undefined) return;
      this.#beginText(kind);
    }
    this.#writeUnits(false);
  }

  #endLine(): void {
    const line = this.#held;
    if (this.#block !== undefined) {
      if (this.#block.line(line)) this.#block = undefined;
    } else if (this.#inText) {
      this.#endText();
    } else {
      const kind = kindOfLine(line);
      if (kind.kind === "text" || kind.kind === "item" || kind.kind === "quote") {
        this.#beginText(kind);
        this.#endText();
      } else this.#wholeLine(kind, line);
    }
    this.#held = "";
  }

  /** What stands before the words of a line. */
  #beginText(kind: LineKind): void {
    if (kind.kind !== "text" && kind.kind !== "item" && kind.kind !== "quote") return;
    this.#beginBlock(kind.kind === "text");
    const { style, columns } = this.#options;
    const paint = kind.kind === "quote" ? style.dim : style.cyan;
    const indent = kind.kind === "quote" ? "" : " ".repeat(Math.min(kind.indent, Math.floor(columns() / 3)));
    const sign =
      kind.kind === "quote" ? "│ ".repeat(kind.depth) : kind.kind === "item" ? `${bullet(kind.marker)} ` : "";
    this.#wrapper.writeRaw(indent + sign, paint);
    const hanging = kind.kind === "quote" ? sign : " ".repeat(indent.length + sign.length);
    this.#wrapper.hanging = { text: hanging, paint };
    this.#held = kind.text;
    this.#before = "";
    this.#inText = true;
  }

  #endText(): void {
    this.#writeUnits(true);
    this.#inText = false;
    this.#wrapper.newline();
  }

  /** Writes what is decided of the line. */
  #writeUnits(isWhole: boolean): void {
    const { units, length } = unitsOf(this.#held, this.#before, isWhole);
    for (const unit of units) {
      const spans = unit.isPlain ? [{ text: unit.text, paint: asItIs }] : inlineSpans(unit.text, this.#options.style);
      for (const { text, paint } of spans) this.#wrapper.write(text, paint);
    }
    this.#before = this.#held.slice(0, length).at(-1) ?? this.#before;
    this.#held = this.#held.slice(length);
  }

  #wholeLine(kind: LineKind, line: string): void {
    if (kind.kind === "table") {
      this.#table.push(line);
      this.#options.onTable?.(this.#table.length);
      return;
    }
    if (kind.kind === "blank") {
      this.#endTable();
      this.#blankBefore = true;
      return;
    }
    this.#beginBlock(false);
    const { style, columns, highlighter } = this.#options;
    const verbatim = { wrapper: this.#wrapper, style, columns, highlighter: highlighter?.() };
    if (kind.kind === "heading") this.#heading(kind.level, kind.text);
    if (kind.kind === "rule") this.#wrapper.writeRaw("─".repeat(Math.min(columns(), RULE_WIDTH)), style.dim);
    if (kind.kind === "fence") this.#block = new CodeBlock(kind, verbatim);
    if (kind.kind === "math") this.#block = new MathBlock(line, verbatim);
    this.#wrapper.freshLine();
  }

  /** Ends what came before, and keeps at most one empty line between. */
  #beginBlock(mayGoOn: boolean): void {
    this.#endTable();
    if (!mayGoOn) this.#wrapper.freshLine();
    this.#wrapper.hanging = { text: "", paint: this.#options.style.dim };
    if (this.#blankBefore && this.#wrapper.hasWritten) this.#wrapper.newline();
    this.#blankBefore = false;
  }

  #heading(level: number, text: string): void {
    const { style } = this.#options;
    const look = level <= 2 ? both(style.bold, style.underline) : style.bold;
    for (const unit of unitsOf(text, "", true).units) {
      const spans = unit.isPlain ? [{ text: unit.text, paint: asItIs }] : inlineSpans(unit.text, style);
      for (const span of spans) this.#wrapper.write(span.text, both(look, span.paint));
    }
  }

  #endTable(): void {
    if (this.#table.length === 0) return;
    const source = this.#table.splice(0);
    const { style, columns } = this.#options;
    this.#wrapper.freshLine();
    if (this.#blankBefore && this.#wrapper.hasWritten) this.#wrapper.newline();
    this.#blankBefore = false;
    for (const line of tableLines(source.join("\n"), columns(), style) ?? source) {
      this.#wrapper.writeRaw(line);
      this.#wrapper.newline();
    }
  }
}

function bullet(marker: string): string {
  return /\d/.test(marker) ? marker : "•";
}
