import type { HelpConfiguration } from "commander";
import { LineWrapper } from "../terminal/line-wrapper.ts";
import { padTo, widthOf } from "../terminal/text-width.ts";

/** Columns. A description with less room goes below the term that it describes. */
const NARROWEST = 28;
const MARGIN_BELOW = 6;

/** Columns; a last line shorter than this looks lost, and those before it are made narrower by up to as many to help it. */
const LAST_LINE = 6;

/** Wraps text at a number of columns. No line begins with a mark that Japanese does not allow there. */
function wrapped(text: string, columns: number): string {
  for (let less = 0; less < LAST_LINE; less++) {
    const lines = broken(text, columns - less);
    if (!endsLost(lines)) return lines;
  }
  return broken(text, columns);
}

function endsLost(lines: string): boolean {
  const at = lines.lastIndexOf("\n");
  return at >= 0 && widthOf(lines.slice(at + 1)) < LAST_LINE;
}

function broken(text: string, columns: number): string {
  let lines = "";
  const write = (part: string) => {
    lines += part;
  };
  const wrapper = new LineWrapper({ write, columns: () => columns });
  wrapper.write(text);
  wrapper.flush();
  return lines;
}

/** The same for what is typed: broken at spaces alone. */
function wrappedAtSpaces(text: string, columns: number): string {
  const [first = "", ...others] = text.split(" ");
  let column = widthOf(first);
  return others.reduce((lines, word) => {
    const fits = column + 1 + widthOf(word) <= columns;
    column = (fits ? column + 1 : 0) + widthOf(word);
    return `${lines}${fits ? " " : "\n"}${word}`;
  }, first);
}

function indented(lines: string, columns: number): string {
  return lines.replaceAll("\n", `\n${" ".repeat(columns)}`);
}

/** How the lines of Japanese help are broken: between characters, and counted in columns of the terminal. */
export const japaneseLayout: HelpConfiguration = {
  displayWidth: widthOf,
  boxWrap: wrapped,
  styleUsage(usage) {
    const margin = widthOf("使い方: ");
    return indented(wrappedAtSpaces(usage, (this.helpWidth ?? 80) - margin), margin);
  },
  formatItem: (term, termWidth, description, { helpWidth = 80 }) => {
    if (description === "") return `  ${term}`;
    const before = `  ${padTo(term, termWidth)}  `;
    const isBeside = helpWidth - widthOf(before) >= NARROWEST;
    const margin = isBeside ? widthOf(before) : MARGIN_BELOW;
    const lines = indented(wrapped(description, helpWidth - margin), margin);
    return isBeside ? before + lines : `  ${term}\n${" ".repeat(MARGIN_BELOW)}${lines}`;
  },
};
