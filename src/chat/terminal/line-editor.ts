const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const MAX_UNDO = 200;
const MAX_KILLS = 10;
/** A word and the blanks or signs after it; Japanese has no blanks, so that a run of it is one word. */
const WORD_AHEAD = /^(?:[\p{L}\p{N}\p{M}_]+|[^\p{L}\p{N}\p{M}_\s]+|)\s*/u;
const WORD_BEHIND = /(?:[\p{L}\p{N}\p{M}_]+|[^\p{L}\p{N}\p{M}_\s]+|)\s*$/u;

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

/**
 * The line that is being typed: its text, its cursor, and what keys do to them. It knows nothing of a terminal, and it does the same
 * whether keys arrive one by one or all at once. The cursor never stands inside a character as a reader counts them, or inside an atom.
 */
export class LineEditor {
  #text = "";
  #cursor = 0;
  readonly #atoms: () => Iterable<string>;
  #undo: Snapshot[] = [];
  #redo: Snapshot[] = [];
  readonly #kills: string[] = [];
  /** Where the last yank stands, so that the next one can take its place. */
  #yank: { readonly from: number; readonly index: number } | undefined;

  /** @param atoms texts that are moved over and deleted as one character: the label of a folded paste */
  constructor(atoms: () => Iterable<string> = () => []) {
    this.#atoms = atoms;
  }

  get text(): string {
    return this.#text;
  }

  /** In UTF-16 units. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Replaces the whole line; the cursor stands at its end. */
  set(text: string): void {
    this.#change(text, text.length);
  }

  /** Empties the line and forgets what could be undone. */
  reset(): void {
    [this.#text, this.#cursor, this.#undo, this.#redo, this.#yank] = ["", 0, [], [], undefined];
  }

  insert(text: string): void {
    this.#change(this.#before + text + this.#after, this.#cursor + text.length);
  }

  moveLeft(): void {
    this.#moveTo(this.#previous());
  }

  moveRight(): void {
    this.#moveTo(this.#next());
  }

  moveWordLeft(): void {
    this.#moveTo(this.#wordLeft());
  }

  moveWordRight(): void {
    this.#moveTo(this.#wordRight());
  }

  moveToStart(): void {
    this.#moveTo(0);
  }

  moveToEnd(): void {
    this.#moveTo(this.#text.length);
  }

  deleteLeft(): void {
    this.#delete(this.#previous(), this.#cursor);
  }

  deleteRight(): void {
    this.#delete(this.#cursor, this.#next());
  }

  killWordLeft(): void {
    this.#kill(this.#wordLeft(), this.#cursor);
  }

  killWordRight(): void {
    this.#kill(this.#cursor, this.#wordRight());
  }

  killToStart(): void {
    this.#kill(0, this.#cursor);
  }

  killToEnd(): void {
    this.#kill(this.#cursor, this.#text.length);
  }

  yank(): void {
    const [text] = this.#kills;
    if (text === undefined) return;
    const from = this.#cursor;
    this.insert(text);
    this.#yank = { from, index: 0 };
  }

  /** Replaces what was just yanked with what was killed before it. */
  yankPrevious(): void {
    if (this.#yank === undefined) return;
    const { from, index } = this.#yank;
    const next = (index + 1) % this.#kills.length;
    const text = this.#kills[next] ?? "";
    this.#change(this.#text.slice(0, from) + text + this.#after, from + text.length);
    this.#yank = { from, index: next };
  }

  undo(): void {
    this.#restore(this.#undo, this.#redo);
  }

  redo(): void {
    this.#restore(this.#redo, this.#undo);
  }

  get #before(): string {
    return this.#text.slice(0, this.#cursor);
  }

  get #after(): string {
    return this.#text.slice(this.#cursor);
  }

  #change(text: string, cursor: number): void {
    if (text !== this.#text) {
      this.#undo.push({ text: this.#text, cursor: this.#cursor });
      if (this.#undo.length > MAX_UNDO) this.#undo.shift();
      this.#redo = [];
    }
    this.#text = text;
    this.#moveTo(cursor);
  }

  #moveTo(position: number): void {
    this.#cursor = Math.max(0, Math.min(position, this.#text.length));
    this.#yank = undefined;
  }

  #delete(from: number, to: number): void {
    if (from < to) this.#change(this.#text.slice(0, from) + this.#text.slice(to), from);
  }

  #kill(from: number, to: number): void {
    if (from >= to) return;
    this.#kills.unshift(this.#text.slice(from, to));
    this.#kills.splice(MAX_KILLS);
    this.#delete(from, to);
  }

  #restore(from: Snapshot[], to: Snapshot[]): void {
    const snapshot = from.pop();
    if (snapshot === undefined) return;
    to.push({ text: this.#text, cursor: this.#cursor });
    [this.#text, this.#cursor, this.#yank] = [snapshot.text, snapshot.cursor, undefined];
  }

  #previous(): number {
    for (const atom of this.#atoms()) if (this.#before.endsWith(atom)) return this.#cursor - atom.length;
    return this.#cursor === 0 ? 0 : (segmenter.segment(this.#text).containing(this.#cursor - 1)?.index ?? 0);
  }

  #next(): number {
    for (const atom of this.#atoms()) if (this.#after.startsWith(atom)) return this.#cursor + atom.length;
    const found = segmenter.segment(this.#text).containing(this.#cursor);
    return found === undefined ? this.#text.length : found.index + found.segment.length;
  }

  #wordLeft(): number {
    const { index = this.#cursor } = WORD_BEHIND.exec(this.#before) ?? {};
    return this.#outsideAtoms(index, "start");
  }

  #wordRight(): number {
    const [word = ""] = WORD_AHEAD.exec(this.#after) ?? [];
    return this.#outsideAtoms(this.#cursor + word.length, "end");
  }

  /** Where an atom covers the position, its start or its end. */
  #outsideAtoms(position: number, side: "start" | "end"): number {
    for (const atom of this.#atoms()) {
      for (let at = this.#text.indexOf(atom); at >= 0 && at < position; at = this.#text.indexOf(atom, at + 1)) {
        if (position < at + atom.length) return side === "start" ? at : at + atom.length;
      }
    }
    return position;
  }
}

/** What a key does to the line; undefined for a key that does not edit. */
export function editingAction(
  editor: LineEditor,
  { name, ctrl, meta, sequence }: { name: string; ctrl: boolean; meta: boolean; sequence: string | undefined },
): (() => void) | undefined {
  const bind = (method: EditingMethod) => () => {
    editor[method]();
  };
  if (sequence === "\x1f") return bind("undo");
  if (sequence === "\x1e") return bind("redo");
  const modifier = ctrl ? "ctrl-" : meta ? "meta-" : "";
  const method = EDITING_KEYS[modifier + name];
  return method === undefined ? undefined : bind(method);
}

type EditingMethod = {
  [Name in keyof LineEditor]: LineEditor[Name] extends () => void ? Name : never;
}[keyof LineEditor];

const EDITING_KEYS: Readonly<Record<string, EditingMethod>> = {
  left: "moveLeft",
  right: "moveRight",
  home: "moveToStart",
  end: "moveToEnd",
  backspace: "deleteLeft",
  delete: "deleteRight",
  "ctrl-a": "moveToStart",
  "ctrl-b": "moveLeft",
  "ctrl-e": "moveToEnd",
  "ctrl-f": "moveRight",
  "ctrl-h": "deleteLeft",
  "ctrl-k": "killToEnd",
  "ctrl-u": "killToStart",
  "ctrl-w": "killWordLeft",
  "ctrl-y": "yank",
  "ctrl-left": "moveWordLeft",
  "ctrl-right": "moveWordRight",
  "ctrl-backspace": "killWordLeft",
  "ctrl-delete": "killWordRight",
  "meta-b": "moveWordLeft",
  "meta-f": "moveWordRight",
  "meta-d": "killWordRight",
  "meta-y": "yankPrevious",
  "meta-left": "moveWordLeft",
  "meta-right": "moveWordRight",
  "meta-backspace": "killWordLeft",
  "meta-delete": "killWordRight",
};
