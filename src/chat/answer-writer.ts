import { widthOf } from "../text/width.ts";
import { MarkdownRenderer } from "./markdown/renderer.ts";
import type { MarkdownRendererOptions } from "./markdown/renderer-options.ts";
import { withoutControls } from "./terminal/style.ts";

export interface AnswerWriterOptions extends MarkdownRendererOptions {
  /** Draw Markdown; else the text is written as it comes. */
  readonly markdown: boolean;
  /** It is written on a terminal, which would obey what is in the text; a pipe gets it as it is. */
  readonly terminal: boolean;
  /** What stands before the answer in its first line. */
  readonly label: string;
}

/** Writes one answer, drawn or as it comes, and ends its last line. */
export class AnswerWriter {
  readonly #write: (text: string) => void;
  readonly #renderer: MarkdownRenderer | undefined;
  readonly #terminal: boolean;
  #atLineStart = true;

  constructor(options: AnswerWriterOptions) {
    this.#write = options.write;
    this.#terminal = options.terminal;
    if (options.markdown) this.#renderer = new MarkdownRenderer({ ...options, column: widthOf(options.label) });
  }

  write(text: string): void {
    if (text === "") return;
    if (this.#renderer) this.#renderer.push(text);
    else {
      this.#write(this.#terminal ? withoutControls(text) : text);
      this.#atLineStart = text.endsWith("\n");
    }
  }

  end(): void {
    if (this.#renderer) this.#renderer.end();
    else if (!this.#atLineStart) this.#write("\n");
  }
}
