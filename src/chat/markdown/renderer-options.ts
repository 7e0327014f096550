import type { Style } from "../terminal/style.ts";
import type { Highlighter } from "./highlight.ts";

/** What a renderer of Markdown writes to, and how. */
export interface MarkdownRendererOptions {
  readonly write: (text: string) => void;
  /** Of the window, asked anew all the time. */
  readonly columns: () => number;
  readonly style: Style;
  /** Where the cursor stands in its line at the beginning. */
  readonly column?: number;
  /** Columns of a margin that `write` draws before each line. */
  readonly margin?: number;
  /** Asked for at each block of code; plain as long as there is none. */
  readonly highlighter?: (() => Highlighter | undefined) | undefined;
  /** A table is shown when it is whole: how many lines of it have come so far. */
  readonly onTable?: ((lines: number) => void) | undefined;
}
