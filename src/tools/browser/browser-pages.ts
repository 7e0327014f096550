import { graphemesOf, widthOf } from "../../terminal/text-width.ts";
import { ToolError } from "../tool-result.ts";

/** Where a link leads: a file, and a line of its page. */
export interface PageLink {
  readonly path: string;
  /** A line of the file as it is, or of its page, which is wrapped. */
  readonly line: number;
  readonly isPageLine: boolean;
}

/** A text that gpt-oss looks at through a window of lines. */
export interface BrowserPage {
  readonly title: string;
  readonly address: string;
  readonly lines: readonly string[];
  /** By the ids that stand in the text. */
  readonly links: ReadonlyMap<number, PageLink>;
  /** A page of results is not searched. */
  readonly isResults: boolean;
}

/** Columns of a line, as in the model's training. */
const COLUMNS = 80;
/** UTF-8 of one view: about 1,024 tokens. */
const VIEW_BYTES = 4_096;
const MAX_MATCHES = 50;
const MATCH_LINES = 4;

/** Lines as wide as the model knows them. 【】 mark links, so those of the text are written otherwise. */
export function wrapPageText(text: string): readonly string[] {
  return text.replaceAll("【", "〖").replaceAll("】", "〗").replaceAll("\t", "    ").split(/\r?\n/).flatMap(wrapLine);
}

function wrapLine(line: string): readonly string[] {
  if (line.length <= COLUMNS / 2) return [line];
  const rows: string[] = [];
  let row = "";
  let width = 0;
  for (const grapheme of graphemesOf(line)) {
    const added = widthOf(grapheme);
    if (width + added > COLUMNS) {
      const space = row.lastIndexOf(" ");
      const end = space > COLUMNS / 2 ? space + 1 : row.length;
      rows.push(row.slice(0, end).trimEnd());
      row = row.slice(end);
      width = widthOf(row);
    }
    row += grapheme;
    width += added;
  }
  return [...rows, row];
}

export interface PageView {
  /** From 0; at or below 0 the beginning. */
  readonly from: number;
  /** At most so many lines; as many as fit when it is not positive. */
  readonly count: number;
}

/** The pages that were shown, by their cursor. Every answer adds one. */
export class BrowserPages {
  readonly #pages: BrowserPage[] = [];

  /** @param cursor -1 for the last one @throws ToolError */
  page(cursor: number): BrowserPage {
    const page = this.#pages.at(cursor < 0 ? -1 : cursor);
    if (page !== undefined) return page;
    const why =
      this.#pages.length === 0 ? "No page is open. Search first." : `The last cursor is ${this.#pages.length - 1}.`;
    throw new ToolError(`There is no page with cursor ${cursor}. ${why}`);
  }

  /** Adds a page, and gives the view of it as the model reads it. @throws ToolError for a line that it does not have */
  show(page: BrowserPage, { from: wanted, count }: PageView): string {
    const last = Math.max(0, page.lines.length - 1);
    const from = Math.max(0, wanted);
    if (from > last) throw new ToolError(`There is no line ${from}; the last line of this page is ${last}.`);
    const shown: string[] = [];
    let bytes = 0;
    const end = count < 1 ? last + 1 : Math.min(last + 1, from + count);
    for (let at = from; at < end; at++) {
      const line = `L${at}: ${page.lines[at] ?? ""}`;
      bytes += Buffer.byteLength(line) + 1;
      if (bytes > VIEW_BYTES && shown.length > 0) break;
      shown.push(line);
    }
    this.#pages.push(page);
    const to = from + Math.max(0, shown.length - 1);
    const heading = `[${this.#pages.length - 1}] ${page.title} (${page.address})\n**viewing lines [${from} - ${to}] of ${last}**`;
    return `${heading}\n\n${shown.join("\n")}`;
  }
}

/** The places of a page that hold a text, upper and lower case alike. @throws ToolError when there are none */
export function findInPage(page: BrowserPage, pattern: string): BrowserPage {
  if (page.isResults) throw new ToolError("A page of results can't be searched. Open one of its links first.");
  const wanted = pattern.toLowerCase();
  const lines: string[] = [];
  const links = new Map<number, PageLink>();
  for (let at = 0; at < page.lines.length && links.size < MAX_MATCHES; at++) {
    if (!page.lines[at]?.toLowerCase().includes(wanted)) continue;
    lines.push(`# 【${links.size}†match at L${at}】`, ...page.lines.slice(at, at + MATCH_LINES), "");
    links.set(links.size, { path: page.address, line: at, isPageLine: true });
    at += MATCH_LINES - 1;
  }
  if (links.size === 0) throw new ToolError(`This page does not contain ${JSON.stringify(pattern)}.`);
  const title = `Find results for text: \`${pattern}\` in ${page.title}`;
  return { title, address: page.address, lines, links, isResults: true };
}
