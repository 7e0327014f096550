import { Transform, type TransformCallback } from "node:stream";
import { escapeMentions } from "../attachments.ts";
import { StringDecoder } from "node:string_decoder";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const CTRL_C = "\x03";
/** Stands on screen for a line break inside a message; the real one is Enter. */
const LINE_BREAK_SIGN = "␤";
/** Stands for a tab, which would ask for completion. */
const TAB_SIGN = "⇥";
const CONTROLS = /(?![\n\t])\p{Cc}/gu;
/** A paste that is larger is folded: it would fill the screen, and each key would draw all of it again. */
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
  /** What is held begins with an Esc that went through: a lone Esc is a key, and nobody knows what follows it. */
  #sentEscape = false;

  readonly #before: () => string;

  /** @param before the character before the cursor */
  constructor(label: PasteLabel = (number, lines) => `[paste ${number}: ${lines} lines]`, before = () => "") {
    super();
    this.#before = before;
    this.#label = label;
  }

  /** Puts the real text back into what readline returned. */
  restore(line: string): string {
    let restored = "";
    let rest = line;
    for (;;) {
      const [at, label] = this.#firstLabelIn(rest);
      restored += withBreaks(rest.slice(0, at));
      if (label === undefined) return restored;
      restored += this.#folded.get(label) ?? "";
      rest = rest.slice(at + label.length);
    }
  }

  /** What stands on the line for a folded paste. */
  get labels(): Iterable<string> {
    return this.#folded.keys();
  }

  /** What was pasted may hold a label of its own, which is text. */
  #firstLabelIn(text: string): readonly [at: number, label: string | undefined] {
    let first: readonly [number, string | undefined] = [text.length, undefined];
    for (const label of this.#folded.keys()) {
      const at = text.indexOf(label);
      if (at >= 0 && at < first[0]) first = [at, label];
    }
    return first;
  }

  /** A text of any size as one line that can be edited. */
  fold(text: string): string {
    const clean = text.replaceAll(/\r\n?/g, "\n");
    const lines = clean.split("\n").length;
    if (lines <= MOST_SHOWN.lines && clean.length <= MOST_SHOWN.characters) return asOneLine(clean);
    // what is restored has to be what a reader would have seen: no key, no escape sequence
    const content = withBreaks(asOneLine(clean));
    // an entry of the history that is called back again
    for (const [known, folded] of this.#folded) if (folded === content) return known;
    const label = this.#label(this.#folded.size + 1, lines);
    this.#folded.set(label, content);
    return label;
  }

  /** Pasted text is data: an `@path` in it is escaped, where it can be seen, and attaches nothing. */
  #pasted(text: string, through: string): string {
    // keys that came in the same chunk may have moved the cursor anywhere
    const before = through === "" ? this.#before() : /^\P{Cc}*$/u.test(through) ? (through.at(-1) ?? "") : "";
    return this.fold(escapeMentions(text, before));
  }

  override _transform(chunk: Buffer | string, _encoding: BufferEncoding, done: TransformCallback): void {
    const piece = typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
    if (this.#pasting && piece === CTRL_C) {
      // the end of a paste got lost: the way out
      [this.#pasting, this.#held, this.#sentEscape] = [false, "", false];
      done(null, piece);
      return;
    }
    const sent = this.#sentEscape ? 1 : 0;
    let text = this.#held + piece;
    let through = "";
    for (;;) {
      const mark = this.#pasting ? PASTE_END : PASTE_START;
      const at = text.indexOf(mark);
      if (at < 0) break;
      // where its Esc went through already, the rest follows, and makes a key that means nothing
      const half = sent === 1 && at === 0 && through === "" ? mark : "";
      through += this.#pasting ? this.#pasted(text.slice(0, at), through) : text.slice(0, at) + half;
      text = text.slice(at + mark.length);
      this.#pasting = !this.#pasting;
    }
    const held = this.#pasting ? text.length : beginningOfStart(text);
    const isLoneEscape = !this.#pasting && held === 1;
    this.#held = text.slice(text.length - held);
    const output = through + text.slice(0, text.length - held) + (isLoneEscape ? this.#held : "");
    this.#sentEscape = isLoneEscape || (sent === 1 && output === "" && !this.#pasting);
    done(null, output.slice(sent));
  }
}

function asOneLine(text: string): string {
  return text.replaceAll("\n", LINE_BREAK_SIGN).replaceAll("\t", TAB_SIGN).replaceAll(CONTROLS, "");
}

function withBreaks(line: string): string {
  return line.replaceAll(LINE_BREAK_SIGN, "\n").replaceAll(TAB_SIGN, "\t");
}

/** How many characters at the end could begin a paste. */
function beginningOfStart(text: string): number {
  for (let length = Math.min(PASTE_START.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(PASTE_START.slice(0, length))) return length;
  }
  return 0;
}
