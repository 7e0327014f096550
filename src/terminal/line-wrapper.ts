import { graphemesOf, isMark, widthOf } from "./text-width.ts";
import { asItIs, type Paint } from "./style.ts";

/** Never at the beginning of a line (kinsoku): closing signs, small kana, marks of length. */
const NOT_FIRST =
  /^[、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗｠»ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ,.!?:;)\]}%’”…‥]/u;
/** Never at the end of a line: opening signs. */
const NOT_LAST = /[（〔［｛〈《「『【〘〖｟«([{‘“]$/u;

interface Piece {
  readonly text: string;
  readonly paint: Paint;
}

export interface LineWrapperOptions {
  readonly write: (text: string) => void;
  /** Read again for each word, since the window may be resized at any time. */
  readonly columns: () => number;
  /** The cursor's column at the beginning. */
  readonly column?: number;
  /**
   * A word is shown as it is being written, and taken back to be put on the next line where it gets too long for this one. Else it is
   * shown when its end is known, and nothing that was written is touched again.
   */
  readonly eager?: boolean;
  /** Columns of something that `write` draws before each line. */
  readonly margin?: number;
}

/** A place in the line to which what was written since can be taken back. */
interface Mark {
  readonly column: number;
  readonly hadWritten: boolean;
}

/** Writes text so that lines break between words, and in scripts without spaces between characters. */
export class LineWrapper {
  /** What the lines after a break begin with. */
  hanging: Piece = { text: "", paint: asItIs };
  readonly #options: LineWrapperOptions;
  #column: number;
  #spaces = "";
  #word: Piece[] = [];
  #wordWidth = 0;
  /** How many pieces of the word are on the screen, and from where on: the spaces before it count as its own. */
  #shown = 0;
  #shownWidth = 0;
  #wordStart = 0;
  #last = "";
  #hasWritten = false;
  #mark: Mark | undefined;

  constructor(options: LineWrapperOptions) {
    this.#options = options;
    this.#column = options.column ?? 0;
  }

  /** Whether a word could still continue, or a line has begun. */
  get inLine(): boolean {
    return this.#column > 0 || this.#word.length > 0;
  }

  write(text: string, paint: Paint = asItIs): void {
    for (const grapheme of graphemesOf(text)) {
      if (grapheme === "\n") this.newline();
      else if (grapheme === " " || grapheme === "\t") this.#space(grapheme === "\t" ? "    " : " ");
      else this.#grapheme(grapheme, paint);
    }
    if (this.#options.eager) this.#show();
  }

  /** Writes without looking for places to break. */
  writeRaw(text: string, paint: Paint = asItIs): void {
    this.flush();
    this.#emit(this.#spaces, asItIs);
    this.#spaces = "";
    this.#emit(text, paint);
  }

  /** Whether anything stands on the lines so far. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  newline(): void {
    this.flush();
    this.#options.write("\n");
    this.#column = 0;
    this.#spaces = "";
    this.#last = "";
    this.#mark = undefined;
  }

  /** To the beginning of a line, unless it stands there. */
  freshLine(): void {
    if (this.inLine) this.newline();
  }

  /** The word that was waiting for its end has come to it. */
  flush(): void {
    this.#show();
    [this.#word, this.#wordWidth, this.#shown, this.#shownWidth] = [[], 0, 0, 0];
  }

  /** From here on what is written can be taken back, as long as it stays on this line. */
  mark(): void {
    this.flush();
    this.#mark = { column: this.#column, hadWritten: this.#hasWritten };
  }

  /** The cursor's column. */
  get column(): number {
    return this.#column;
  }

  /** Writes whole lines of something else that stands between those of this. */
  readonly writeThrough = (text: string): void => {
    this.#hasWritten = true;
    this.#options.write(text);
  };

  /** Takes back what was written since the mark. */
  takeBack(): void {
    if (this.#mark === undefined) return;
    const { column, hadWritten } = this.#mark;
    if (this.#column > column) this.#erase(column);
    [this.#column, this.#hasWritten] = [column, hadWritten];
    [this.#spaces, this.#word, this.#wordWidth, this.#shown, this.#shownWidth, this.#last] = ["", [], 0, 0, 0, ""];
  }

  #space(text: string): void {
    this.flush();
    this.#last = "";
    this.#spaces += text;
  }

  #grapheme(grapheme: string, paint: Paint): void {
    const width = widthOf(this.#last + grapheme) - widthOf(this.#last);
    const isAttached = isMark(grapheme);
    const breakable =
      this.#last !== "" &&
      !isAttached &&
      (width > 1 || widthOf(this.#last) > 1) &&
      !NOT_FIRST.test(grapheme) &&
      !NOT_LAST.test(this.#last);
    if (breakable) this.flush();
    this.#word.push({ text: grapheme, paint });
    this.#wordWidth += width;
    this.#last = isAttached ? this.#last + grapheme : grapheme;
  }

  /** Writes what is not on the screen of the current word. */
  #show(): void {
    if (this.#word.length === this.#shown) return;
    const indent = widthOf(this.hanging.text);
    const columns = Math.max(this.#options.columns(), indent + 4);
    if (this.#shown === 0) this.#wordStart = this.#column;
    const spaces = this.#shown === 0 ? this.#spaces : "";
    this.#spaces = "";
    if (this.#column + spaces.length + this.#wordWidth - this.#shownWidth > columns && this.#wordStart > indent) {
      if (this.#shown > 0) this.#erase(this.#wordStart);
      [this.#shown, this.#shownWidth] = [0, 0];
      this.#break();
      this.#wordStart = this.#column;
    } else this.#emit(spaces, asItIs);
    const rest = this.#word.slice(this.#shown);
    if (this.#column + this.#wordWidth - this.#shownWidth > columns) this.#emitBroken(rest, columns);
    else for (const { text, paint } of joined(rest)) this.#emit(text, paint);
    [this.#shown, this.#shownWidth] = [this.#word.length, this.#wordWidth];
  }

  /** A word longer than a line: an address, a hash. */
  #emitBroken(word: readonly Piece[], columns: number): void {
    let fitting: Piece[] = [];
    let room = columns - this.#column;
    const write = () => {
      for (const { text, paint } of joined(fitting)) this.#emit(text, paint);
      fitting = [];
    };
    for (const piece of word) {
      const width = widthOf(piece.text);
      if (width > room) {
        write();
        this.#break();
        // what stands on the line before stays there
        this.#wordStart = 0;
        room = columns - this.#column;
      }
      fitting.push(piece);
      room -= width;
    }
    write();
  }

  /** All from a column on. It is named as such, since at the very end of a line nobody knows how far back it is. */
  #erase(column: number): void {
    this.#options.write(`\x1b[${column + (this.#options.margin ?? 0) + 1}G\x1b[K`);
  }

  #break(): void {
    this.#options.write("\n");
    this.#column = 0;
    this.#mark = undefined;
    this.#emit(this.hanging.text, this.hanging.paint);
  }

  #emit(text: string, paint: Paint): void {
    if (text === "") return;
    this.#hasWritten = true;
    this.#options.write(paint(text));
    this.#column += widthOf(text);
  }
}

/** Neighbours of one look as one piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last?.paint === piece.paint) result[result.length - 1] = { text: last.text + piece.text, paint: piece.paint };
    else result.push(piece);
  }
  return result;
}
