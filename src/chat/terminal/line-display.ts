import { stripVTControlCharacters } from "node:util";
import { graphemesOf, widthOf } from "../../terminal/text-width.ts";

/** A line as it is to be seen. */
export interface VisibleLine {
  readonly prompt: string;
  readonly text: string;
  /** In UTF-16 units of the text. */
  readonly cursor: number;
}

export interface LineDisplayOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  /** TERM=dumb: nothing but characters, Backspace and line breaks. */
  readonly isDumb: boolean;
}

/** Draws the line that is being typed, with the terminal's own cursor in it, over as many rows as it takes. */
export class LineDisplay {
  readonly #options: LineDisplayOptions;
  /** What stands on the screen now. */
  #drawn: VisibleLine | undefined;

  constructor(options: LineDisplayOptions) {
    this.#options = options;
  }

  draw(line: VisibleLine): void {
    const before = this.#drawn;
    this.#drawn = line;
    if (this.#options.isDumb) this.#drawDumb(line, before);
    else if (before !== undefined && isAppended(line, before)) this.#append(line, before);
    else this.#redraw(line, before);
  }

  /** Draws again from the first row, where the terminal may have broken rows differently: after its size has changed. */
  redraw(): void {
    if (this.#drawn !== undefined && !this.#options.isDumb) this.#redraw(this.#drawn, this.#drawn);
  }

  /** Ends the line: what follows stands below it. */
  finish(): void {
    if (this.#drawn === undefined) return;
    this.draw({ ...this.#drawn, cursor: this.#drawn.text.length });
    const { column } = this.#placeOf(this.#drawn.prompt, this.#drawn.text);
    // a full last row: the cursor stands on the next one already
    if (column > 0 || this.#options.isDumb || this.#drawn.text === "") this.#options.write("\n");
    this.#drawn = undefined;
  }

  /** Takes the line off the screen; the cursor stands where it began. */
  erase(): void {
    if (this.#drawn === undefined) return;
    this.#options.write(this.#options.isDumb ? "\n" : this.#toStart(this.#drawn));
    this.#drawn = undefined;
  }

  /** Something else has drawn over everything. */
  forget(): void {
    this.#drawn = undefined;
  }

  clearScreen(): void {
    if (this.#options.isDumb || this.#drawn === undefined) return;
    const line = this.#drawn;
    this.#drawn = undefined;
    this.#options.write("\x1b[H\x1b[2J");
    this.draw(line);
  }

  #append(line: VisibleLine, before: VisibleLine): void {
    this.#options.write(line.text.slice(before.text.length) + this.#wrapIfFull(line));
  }

  #redraw(line: VisibleLine, before: VisibleLine | undefined): void {
    const end = this.#placeOf(line.prompt, line.text);
    const cursor = this.#placeOf(line.prompt, line.text.slice(0, line.cursor));
    const up = end.row - cursor.row;
    const back = line.cursor === line.text.length ? "" : `${up > 0 ? `\x1b[${up}A` : ""}\x1b[${cursor.column + 1}G`;
    // what stands on the row already is not ours: `chat | tee log` may have written it
    const start = before === undefined ? "\x1b[J" : this.#toStart(before);
    this.#options.write(start + line.prompt + line.text + this.#wrapIfFull(line) + back);
  }

  #toStart({ prompt, text, cursor }: VisibleLine): string {
    const { row } = this.#placeOf(prompt, text.slice(0, cursor));
    return `${row > 0 ? `\x1b[${row}A` : ""}\r\x1b[J`;
  }

  /** After a full row the terminal only breaks the line at the next character. */
  #wrapIfFull({ prompt, text }: VisibleLine): string {
    const { row, column } = this.#placeOf(prompt, text);
    return column === 0 && row > 0 ? " \r" : "";
  }

  #placeOf(prompt: string, text: string): { row: number; column: number } {
    const columns = this.#options.columns();
    let [row, column] = [0, 0];
    for (const grapheme of graphemesOf(stripVTControlCharacters(prompt) + text)) {
      const width = grapheme === "\n" ? columns : widthOf(grapheme);
      if (grapheme === "\n" || column + width > columns) [row, column] = [row + 1, 0];
      if (grapheme !== "\n") column += width;
      if (column >= columns) [row, column] = [row + 1, 0];
    }
    return { row, column };
  }

  /** Backspace moves left, and writing what stands there moves right; a line with another prompt is written below. */
  #drawDumb(line: VisibleLine, before: VisibleLine | undefined): void {
    const { write } = this.#options;
    if (before === undefined || before.prompt !== line.prompt) {
      write(`${before === undefined ? "" : "\n"}${line.prompt}${line.text}`);
    } else {
      const same = commonLength(line.text, before.text);
      const gone = widthOf(before.text.slice(same));
      const erase = "\b".repeat(gone) + " ".repeat(gone) + "\b".repeat(gone);
      write(before.text.slice(before.cursor) + erase + line.text.slice(same));
    }
    write("\b".repeat(widthOf(line.text.slice(line.cursor))));
  }
}

function isAppended(line: VisibleLine, before: VisibleLine): boolean {
  const atEnd = ({ cursor, text }: VisibleLine) => cursor === text.length;
  return atEnd(line) && atEnd(before) && line.prompt === before.prompt && line.text.startsWith(before.text);
}

function commonLength(one: string, other: string): number {
  const [left, right] = [graphemesOf(one), graphemesOf(other)];
  let length = 0;
  for (const [index, grapheme] of left.entries()) {
    if (grapheme !== right[index]) break;
    length += grapheme.length;
  }
  return length;
}
