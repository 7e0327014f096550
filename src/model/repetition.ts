/** An answer whose last so many characters repeat themselves is taken to go on like that for ever. */
const WINDOW = 3_000;
/** Longest piece that counts as repeated: ten times at least in the window. */
const LONGEST_PERIOD = WINDOW / 10;
/** How many new characters are waited for before it is looked again. */
const STEP = 256;

/** Notices when a model repeats the same few words without end, as small models at temperature 0 do. */
export class RepetitionDetector {
  #tail = "";
  #unseen = 0;

  /** Takes the next piece of an answer; true once it is going round in circles. */
  push(text: string): boolean {
    this.#tail += text;
    this.#unseen += text.length;
    if (this.#unseen < STEP || this.#tail.length < WINDOW) return false;
    this.#unseen = 0;
    this.#tail = this.#tail.slice(-WINDOW);
    return shortestPeriod(this.#tail) <= LONGEST_PERIOD;
  }
}

/** The smallest p such that every character equals the one p before it; the length of the text when there is none (Knuth, Morris, Pratt). */
function shortestPeriod(text: string): number {
  const borders = new Int32Array(text.length);
  let border = 0;
  for (let at = 1; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[at] === text[border]) border++;
    borders[at] = border;
  }
  return text.length - border;
}
