import { fitInto } from "./text-width.ts";
import type { Paint } from "./style.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const PERIOD_MS = 100;
/** What is over sooner than this is not worth a flicker. */
const PATIENCE_MS = 150;
const ERASE_LINE = "\r\x1b[2K";

export interface StatusLineOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly paint: Paint;
  /** Whether a line can be drawn over; else nothing is shown. */
  readonly enabled: boolean;
}

/** One line that says what goes on, drawn over and over at the place where the next text will stand. */
export class StatusLine {
  readonly #options: StatusLineOptions;
  #timer: NodeJS.Timeout | undefined;
  #text: (() => string) | undefined;
  #drawn = false;
  #frame = 0;

  constructor(options: StatusLineOptions) {
    this.#options = options;
  }

  /** @param text asked anew for each drawing */
  show(text: () => string): void {
    if (!this.#options.enabled) return;
    this.#text = text;
    this.#timer ??= setTimeout(() => {
      this.#draw();
      this.#timer = setInterval(() => {
        this.#draw();
      }, PERIOD_MS);
    }, PATIENCE_MS);
  }

  /** Away with it: the cursor stands at the beginning of an empty line. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#text = undefined;
    if (this.#drawn) this.#options.write(ERASE_LINE);
    this.#drawn = false;
  }

  #draw(): void {
    const { write, columns, paint } = this.#options;
    const sign = FRAMES[this.#frame++ % FRAMES.length] ?? "";
    // a line that is as wide as the window would wrap, and could not be erased
    write(ERASE_LINE + paint(fitInto(`${sign} ${this.#text?.() ?? ""}`, Math.max(4, columns() - 1))));
    this.#drawn = true;
  }
}
