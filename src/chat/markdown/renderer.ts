import { LineWrapper } from "../../terminal/line-wrapper.ts";
import { asItIs, both, withoutControls } from "../../terminal/style.ts";
import { InlineWriter } from "./inline-writer.ts";
import {
  kindOfBeginning,
  kindOfLine,
  type LineKind,
  insideQuote,
  mayQuote,
  type MarkdownRendererOptions,
  CodeBlock,
  MathBlock,
  type VerbatimBlock,
} from "./blocks.ts";
import { hasBar, isDelimiterOf, isHeaderBeginning, mayBeDelimiter, tableLines } from "./table.ts";

const RULE_WIDTH = 40;
type TextKind = Extract<LineKind, { kind: "text" | "item" }>;

/**
 * Markdown as it streams in: each thing is written as soon as nothing that may follow can change what it means. Of what stands there only
 * the word that is being written is ever taken back, and the beginning of a line that turns out to be the header of a table. A table is
 * written when it is whole, a line of code when it ends.
 */
export class MarkdownRenderer {
  readonly #options: MarkdownRendererOptions;
  readonly #wrapper: LineWrapper;
  readonly #inline: InlineWriter;
  /** The current line as long as it is not decided what it is. */
  #held = "";
  /** Of the current line, if it may turn out to be the header of a table: all of it. */
  #line: string | undefined;
  /** Where the current line began. */
  #lineColumn = 0;
  /** The beginning of the current line is written. */
  #inText = false;
  /** Something was open when its line ended: emphasis that may end in the next one. */
  #isOpen = false;
  /** A line of which the next one tells whether it is the header of a table. */
  #header: string | undefined;
  #table: string[] = [];
  /** The rows of the table need no `|` at their beginnings. */
  #isLoose = false;
  #block: VerbatimBlock | undefined;
  #quote: MarkdownRenderer | undefined;
  #inQuote = false;
  #blankBefore = false;

  constructor(options: MarkdownRendererOptions) {
    this.#options = options;
    this.#wrapper = new LineWrapper({ ...options, eager: true });
    this.#inline = new InlineWriter(this.#wrapper, options.style);
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
    if (this.#held !== "" || this.#inText || this.#inQuote) this.#endLine();
    this.#endOpen();
    this.#endHeader();
    this.#endTable();
    this.#endQuote();
    this.#block?.end();
    this.#block = undefined;
    this.#wrapper.freshLine();
  }

  #add(text: string): void {
    if (text === "") return;
    if (this.#inQuote) {
      this.#quote?.push(text);
      return;
    }
    if (this.#line !== undefined) this.#line += text;
    if (this.#inText) {
      this.#inline.add(text);
      this.#goOn();
      return;
    }
    this.#held += text;
    if (this.#block === undefined && this.#line === undefined) this.#begin();
  }

  /** The beginning of a line, as soon as it tells what the line is. */
  #begin(): void {
    if (this.#isLoose) return;
    if (this.#header !== undefined && mayBeDelimiter(this.#held)) return;
    this.#endHeader();
    const kind = kindOfBeginning(this.#held);
    if (kind !== undefined) this.#start(kind);
  }

  /** A line that is shown while it arrives, or that continues an open one. */
  #start(kind: LineKind): void {
    if (this.#isOpen && kind.kind === "text") {
      this.#isOpen = false;
      this.#inText = true;
      this.#inline.add(`\n${kind.text}`);
      this.#goOn();
      return;
    }
    this.#endOpen();
    if (kind.kind === "quote" && mayQuote(this.#options)) this.#beginQuote(kind.text);
    else if (kind.kind === "quote") this.#startText({ kind: "text", indent: 0, text: kind.text });
    else if (kind.kind === "text" || kind.kind === "item") this.#startText(kind);
  }

  #startText(kind: TextKind): void {
    if (kind.kind === "text") this.#line = this.#held;
    this.#beginText(kind);
    this.#goOn();
  }

  /** More of a line of text. */
  #goOn(): void {
    if (this.#line !== undefined && isHeaderBeginning(this.#line, this.#lineColumn, this.#options.columns())) {
      this.#wrapper.takeBack();
      this.#inText = false;
    } else this.#inline.write(false);
  }

  #endLine(): void {
    if (this.#block !== undefined) {
      if (this.#block.line(this.#held)) this.#block = undefined;
    } else if (this.#inQuote) this.#quote?.push("\n");
    else if (this.#inText) this.#endText();
    else if (this.#line !== undefined) this.#header = this.#line;
    else if (this.#undecidedLine(this.#held)) return this.#endLine();
    [this.#held, this.#line, this.#inText, this.#inQuote] = ["", undefined, false, false];
  }

  /** A line whose kind is known only at its end. @returns whether it was started as a line that is shown while it arrives */
  #undecidedLine(line: string): boolean {
    const kind = kindOfLine(line);
    const isText = kind.kind === "text" || kind.kind === "table";
    if (this.#header !== undefined && isDelimiterOf(this.#header, line)) {
      const header = this.#header;
      this.#header = undefined;
      this.#isLoose = true;
      this.#addRows(header, line);
      return false;
    }
    if (this.#isLoose && isText && hasBar(line)) {
      this.#addRows(line);
      return false;
    }
    this.#endHeader();
    if (this.#isLoose) this.#endTable();
    if (kind.kind === "text" || kind.kind === "item" || kind.kind === "quote") {
      this.#start(kind);
      return true;
    }
    this.#endOpen();
    this.#wholeLine(kind, line);
    return false;
  }

  /** What stands before the words of a line. */
  #beginText(kind: TextKind): void {
    this.#beginBlock(kind.kind === "text");
    const { style, columns } = this.#options;
    this.#wrapper.mark();
    this.#lineColumn = this.#wrapper.column;
    const indent = " ".repeat(Math.min(kind.indent, Math.floor(columns() / 3)));
    const sign = kind.kind === "item" ? `${bullet(kind.marker)} ` : "";
    this.#wrapper.writeRaw(indent + sign, style.cyan);
    this.#wrapper.hanging = { text: " ".repeat(indent.length + sign.length), paint: asItIs };
    this.#inline.begin(kind.text);
    this.#inText = true;
  }

  /** The end of a line; open elements may continue in the next one. */
  #endText(): void {
    this.#inline.write(false);
    if (this.#inline.isOpen) this.#isOpen = true;
    else this.#finishText();
  }

  /** What was open stays so: its signs stand for themselves. */
  #endOpen(): void {
    if (this.#isOpen) this.#finishText();
    this.#isOpen = false;
  }

  #finishText(): void {
    this.#inline.write(true);
    this.#wrapper.newline();
  }

  /** The inside of a quotation is Markdown of its own, with a bar before each line. */
  #beginQuote(text: string): void {
    if (this.#quote === undefined) {
      this.#beginBlock(false);
      this.#wrapper.freshLine();
      this.#quote = new MarkdownRenderer(insideQuote(this.#options, this.#wrapper.writeThrough));
    }
    this.#inQuote = true;
    this.#held = "";
    this.#quote.push(text);
  }

  #endQuote(): void {
    this.#quote?.end();
    this.#quote = undefined;
  }

  #wholeLine(kind: LineKind, line: string): void {
    if (kind.kind === "table") {
      this.#addRows(line);
      return;
    }
    if (kind.kind === "blank") {
      this.#endTable();
      this.#endQuote();
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
    this.#endQuote();
    if (!mayGoOn) this.#wrapper.freshLine();
    this.#wrapper.hanging = { text: "", paint: this.#options.style.dim };
    if (this.#blankBefore && this.#wrapper.hasWritten) this.#wrapper.newline();
    this.#blankBefore = false;
  }

  #heading(level: number, text: string): void {
    const { style } = this.#options;
    this.#inline.writeLine(text, level <= 2 ? both(style.bold, style.underline) : style.bold);
  }

  #addRows(...lines: readonly string[]): void {
    this.#endQuote();
    // something may say on this line that the table is being written
    this.#wrapper.freshLine();
    this.#table.push(...lines);
    this.#options.onTable?.(this.#table.length);
  }

  /** A line that was held back is not a table header after all. */
  #endHeader(): void {
    if (this.#header === undefined) return;
    const kind = kindOfLine(this.#header);
    this.#header = undefined;
    if (kind.kind !== "text") return;
    this.#beginText(kind);
    this.#inText = false;
    this.#finishText();
  }

  #endTable(): void {
    this.#isLoose = false;
    if (this.#table.length === 0) return;
    const source = this.#table.splice(0);
    const { style, columns } = this.#options;
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
