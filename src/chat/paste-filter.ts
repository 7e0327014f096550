import { Transform, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** Stands on screen for a line break inside a paste; node:readline would take the real one for Enter. */
const LINE_BREAK_SIGN = "␤";

/** Lets a bracketed paste through as one line: its brackets are dropped and its line breaks become visible signs. */
export class PasteFilter extends Transform {
  readonly #decoder = new StringDecoder("utf8");
  #pasting = false;
  #held = "";

  /** Puts the real line breaks back into what readline returned. */
  static restore(line: string): string {
    return line.replaceAll(LINE_BREAK_SIGN, "\n");
  }

  override _transform(chunk: Buffer | string, _encoding: BufferEncoding, done: TransformCallback): void {
    let text = this.#held + (typeof chunk === "string" ? chunk : this.#decoder.write(chunk));
    let through = "";
    for (;;) {
      const mark = this.#pasting ? PASTE_END : PASTE_START;
      const at = text.indexOf(mark);
      if (at < 0) break;
      through += this.#show(text.slice(0, at));
      text = text.slice(at + mark.length);
      this.#pasting = !this.#pasting;
    }
    const held = this.#beginningOfMark(text);
    this.#held = text.slice(text.length - held);
    done(null, through + this.#show(text.slice(0, text.length - held)));
  }

  #show(text: string): string {
    return this.#pasting ? text.replaceAll(/\r\n?|\n/g, LINE_BREAK_SIGN) : text;
  }

  /** How many characters at the end could begin the next mark; a lone Esc is a key of its own and never held. */
  #beginningOfMark(text: string): number {
    const mark = this.#pasting ? PASTE_END : PASTE_START;
    for (let length = Math.min(mark.length - 1, text.length); length > 1; length--) {
      if (text.endsWith(mark.slice(0, length))) return length;
    }
    return 0;
  }
}
