import type { ChatText } from "../i18n/catalogue.ts";
import type { StatusLine } from "../terminal/progress.ts";
import { type Paint, withoutControls } from "../terminal/style.ts";
import { widthOf } from "../terminal/text-width.ts";
import type { MarkdownRendererOptions } from "./markdown/blocks.ts";
import { MarkdownRenderer } from "./markdown/renderer.ts";

/** Of the thinking that is folded, the line shows the end. */
const SHOWN_CHARACTERS = 200;
/** A shorter thought is not worth a line that stays. */
const WORTH_SAYING_MS = 1_000;

export interface ThinkingViewOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  readonly messages: ChatText;
  readonly status: StatusLine;
  readonly interactive: boolean;
}

/** The thinking of one answer: whole and dim, or as one line that moves and leaves how long it took. */
export class ThinkingView {
  readonly #options: ThinkingViewOptions;
  #beganAt = 0;
  #tokens = 0;
  #text = "";
  #isOpen = false;
  #isShown = false;

  constructor(options: ThinkingViewOptions) {
    this.#options = options;
  }

  /** A piece of thinking: about a token. */
  add(text: string, mode: "hide" | "show"): void {
    if (text === "") return;
    const { write, paint, messages, status, interactive } = this.#options;
    if (!this.#isOpen) this.#beganAt = performance.now();
    this.#tokens++;
    this.#text = (this.#text + text).slice(-SHOWN_CHARACTERS);
    if (mode === "show") {
      if (!this.#isShown) {
        status.clear();
        write(paint(`${messages.thinkingLabel} `));
      }
      this.#isShown = true;
      write(paint(withoutControls(text)));
    } else if (!this.#isOpen && interactive) {
      status.show(() => `${messages.thinking(this.#seconds, this.#tokens)}  ${endOf(this.#text)}`);
    }
    this.#isOpen = true;
  }

  /** Something else begins. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { write, paint, messages, status, interactive } = this.#options;
    status.clear();
    if (this.#isShown) write("\n");
    else if (interactive && performance.now() - this.#beganAt >= WORTH_SAYING_MS)
      write(`${paint(messages.thoughtFor(this.#seconds, this.#tokens))}\n`);
    this.#isShown = false;
  }

  get #seconds(): number {
    return Math.round((performance.now() - this.#beganAt) / 1_000);
  }
}

/** The last words, from the beginning of a sentence where there is one. */
function endOf(text: string): string {
  const line = withoutControls(text).replaceAll(/\s+/g, " ");
  const sentence = Math.max(line.lastIndexOf(". ", line.length - 20), line.lastIndexOf("。", line.length - 20));
  return line.slice(sentence + 1).trim();
}

export interface AnswerWriterOptions extends MarkdownRendererOptions {
  /** Draw Markdown; otherwise the text is written unchanged. */
  readonly markdown: boolean;
  /** It is written on a terminal, which would obey what is in the text; a pipe gets it as it is. */
  readonly terminal: boolean;
  /** What stands before the answer in its first line. */
  readonly label: string;
}

/** Writes one answer, as drawn Markdown or unchanged, and ends its last line. */
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
