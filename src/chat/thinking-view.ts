import type { Messages } from "./language/index.ts";
import type { StatusLine } from "./terminal/status-line.ts";
import { type Paint, withoutControls } from "./terminal/style.ts";

/** Of the thinking that is folded, the line shows the end. */
const SHOWN_CHARACTERS = 200;
/** A shorter thought is not worth a line that stays. */
const WORTH_SAYING_MS = 1_000;

export interface ThinkingViewOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  readonly messages: Messages;
  readonly status: StatusLine;
  readonly interactive: boolean;
}

/** The thinking of one answer: whole and dim, or as one line that moves and leaves how long it took. */
export class ThinkingView {
  readonly #options: ThinkingViewOptions;
  #begun = 0;
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
    if (!this.#isOpen) this.#begun = performance.now();
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
    else if (interactive && performance.now() - this.#begun >= WORTH_SAYING_MS)
      write(`${paint(messages.thoughtFor(this.#seconds, this.#tokens))}\n`);
    this.#isShown = false;
  }

  get #seconds(): number {
    return Math.round((performance.now() - this.#begun) / 1_000);
  }
}

/** The last words, from the beginning of a sentence where there is one. */
function endOf(text: string): string {
  const line = withoutControls(text).replaceAll(/\s+/g, " ");
  const sentence = Math.max(line.lastIndexOf(". ", line.length - 20), line.lastIndexOf("。", line.length - 20));
  return line.slice(sentence + 1).trim();
}
