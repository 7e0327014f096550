import { widthOf } from "../../text/width.ts";
import type { LineWrapper } from "../terminal/line-wrapper.ts";
import { asItIs, type Style } from "../terminal/style.ts";
import type { Highlighter } from "./highlight.ts";

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
