import { Transform, type TransformCallback } from "node:stream";
import { StringDecoder } from "node:string_decoder";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const CTRL_C = "\x03";
/** Stands on screen for a line break inside a message; node:readline would take the real one for Enter. */
const LINE_BREAK_SIGN = "␤";
/** Stands for a tab, which would ask for completion. */
const TAB_SIGN = "⇥";
const CONTROLS = /(?![\n\t])\p{Cc}/gu;
/** A paste that is larger is folded: it would fill the screen, and readline's time grows with the square of a line. */
const MOST_SHOWN = { lines: 5, characters: 1_000 };

/** What a folded paste looks like on the line. */
export type PasteLabel = (number: number, lines: number) => string;

/**
 * Lets a bracketed paste through as one line: its brackets are dropped, line breaks and tabs become visible signs, other keys in it nothing.
 * A large one becomes a label; `restore` puts everything back.
 */
export class PasteFilter extends Transform {
  readonly #decoder = new StringDecoder("utf8");
  readonly #label: PasteLabel;
  readonly #folded = new Map<string, string>();
  #pasting = false;
  #held = "";

  constructor(label: PasteLabel = (number, lines) => `[paste ${number}: ${lines} lines]`) {
    super();
    this.#label = label;
  }

  /** Puts the real text back into what readline returned. */
  restore(line: string): string {
    let text = withBreaks(line);
    for (const [label, pasted] of this.#folded) text = text.replaceAll(label, () => pasted);
    return text;
  }

  /** A text of any size as the one line that readline can edit. */
  fold(text: string): string {
    const clean = text.replaceAll(/\r\n?/g, "\n");
    const lines = clean.split("\n").length;
    if (lines <= MOST_SHOWN.lines && clean.length <= MOST_SHOWN.characters) return asOneLine(clean);
    const label = this.#label(this.#folded.size + 1, lines);
    // what is restored has to be what a reader would have seen: no key, no escape sequence
    this.#folded.set(label, withBreaks(asOneLine(clean)));
    return label;
  }

  override _transform(chunk: Buffer | string, _encoding: BufferEncoding, done: TransformCallback): void {
    const piece = typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    if (this.#pasting && piece === CTRL_C) {
      // the end of a paste got lost: the way out
      [this.#pasting, this.#held] = [false, ""];
      done(null, piece);
      return;
    }
    let text = this.#held + piece;
    let through = "";
    for (;;) {
      const mark = this.#pasting ? PASTE_END : PASTE_START;
      const at = text.indexOf(mark);
      if (at < 0) break;
      through += this.#pasting ? this.fold(text.slice(0, at)) : text.slice(0, at);
      text = text.slice(at + mark.length);
      this.#pasting = !this.#pasting;
    }
    const held = this.#pasting ? text.length : beginningOfStart(text);
    this.#held = text.slice(text.length - held);
    // readline takes a Tab among other keys for a pasted one, and such keys come together when the program was busy
    for (const keys of (through + text.slice(0, text.length - held)).split(/(\t)/)) this.push(keys);
    done();
  }
}

function asOneLine(text: string): string {
  return text.replaceAll("\n", LINE_BREAK_SIGN).replaceAll("\t", TAB_SIGN).replaceAll(CONTROLS, "");
}

function withBreaks(line: string): string {
  return line.replaceAll(LINE_BREAK_SIGN, "\n").replaceAll(TAB_SIGN, "\t");
}

/** How many characters at the end could begin a paste; a lone Esc is a key of its own and never held. */
function beginningOfStart(text: string): number {
  for (let length = Math.min(PASTE_START.length - 1, text.length); length > 1; length--) {
    if (text.endsWith(PASTE_START.slice(0, length))) return length;
  }
  return 0;
}
