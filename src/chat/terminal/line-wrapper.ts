import { asItIs, type Paint } from "./style.ts";
import { graphemesOf, widthOf } from "./width.ts";

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
  /** Asked anew for each word, since a window may be resized at any time. */
  readonly columns: () => number;
  /** Where the cursor stands in its line at the beginning. */
  readonly column?: number;
}

/**
 * Writes text so that lines break between words, and in scripts without spaces between characters; a word appears as soon as its end is
 * known. What has been written is never touched again.
 */
export class LineWrapper {
  /** What the lines after a break begin with. */
  hanging: Piece = { text: "", paint: asItIs };
  readonly #options: LineWrapperOptions;
  #column: number;
  #spaces = "";
  #word: Piece[] = [];
  #wordWidth = 0;
  #last = "";
  #hasWritten = false;

  constructor(options: LineWrapperOptions) {
    this.#options = options;
    this.#column = options.column ?? 0;
  }

  /** Whether a word could still go on, or a line has begun. */
  get inLine(): boolean {
    return this.#column > 0 || this.#word.length > 0;
  }

  write(text: string, paint: Paint = asItIs): void {
    for (const grapheme of graphemesOf(text)) {
      if (grapheme === "\n") this.newline();
      else if (grapheme === " " || grapheme === "\t") this.#space(grapheme === "\t" ? "    " : " ");
      else this.#grapheme(grapheme, paint);
    }
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
  }

  /** To the beginning of a line, unless it stands there. */
  freshLine(): void {
    if (this.inLine) this.newline();
  }

  /** Writes the word that was waiting for its end. */
  flush(): void {
    if (this.#word.length === 0) return;
    const columns = Math.max(this.#options.columns(), widthOf(this.hanging.text) + 4);
    const [spaces, word] = [this.#spaces, this.#word];
    [this.#spaces, this.#word] = ["", []];
    if (this.#column + spaces.length + this.#wordWidth > columns && this.#column > widthOf(this.hanging.text))
      this.#break();
    else this.#emit(spaces, asItIs);
    if (this.#column + this.#wordWidth > columns) this.#emitBroken(word, columns);
    else for (const { text, paint } of joined(word)) this.#emit(text, paint);
    this.#wordWidth = 0;
  }

  #space(text: string): void {
    this.flush();
    this.#last = "";
    this.#spaces += text;
  }

  #grapheme(grapheme: string, paint: Paint): void {
    const width = widthOf(grapheme);
    const breakable =
      this.#last !== "" &&
      (width > 1 || widthOf(this.#last) > 1) &&
      !NOT_FIRST.test(grapheme) &&
      !NOT_LAST.test(this.#last);
    if (breakable) this.flush();
    this.#word.push({ text: grapheme, paint });
    this.#wordWidth += width;
    this.#last = grapheme;
  }

  /** A word longer than a line: an address, a hash. */
  #emitBroken(word: readonly Piece[], columns: number): void {
    for (const { text, paint } of word) {
      if (this.#column + widthOf(text) > columns) this.#break();
      this.#emit(text, paint);
    }
  }

  #break(): void {
    this.#options.write("\n");
    this.#column = 0;
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
