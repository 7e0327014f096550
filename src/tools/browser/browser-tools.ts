import { basename, relative } from "node:path";
import { z } from "zod";
import { BROWSER_NAMESPACE } from "../../harmony/index.ts";
import type { AgentTool } from "../define-tool.ts";
import { runFolderTask, TIME_MS } from "../files/file-tools.ts";
import { readText, type ToolFolder } from "../files/tool-folder.ts";
import { createNativeTool } from "../native-tool.ts";
import { ToolError } from "../tool-result.ts";
import { type BrowserPage, BrowserPages, findInPage, type PageLink, wrapPageText } from "./browser-pages.ts";
import type { PassageTask } from "./search-passages.ts";

const passagesSchema = z.array(z.object({ path: z.string(), line: z.number(), text: z.string() }));

const MAX_RESULTS = 20;
/** A view begins so many lines before the place that was found. */
const LINES_BEFORE = 4;
const EXTRACT_LINES = 4;

/** `search`, `open` and `find` of gpt-oss's browser, over the text files of one folder. */
export function browserTools(folder: ToolFolder): AgentTool[] {
  const pages = new BrowserPages();
  const optional = z.number().int().default(-1);
  const source = z.string().optional();
  return [
    createNativeTool({
      ...namespaceOf("search"),
      description: "Searches the user's files and shows the passages that fit best.",
      schema: z.object({ query: z.string().min(1), topn: z.number().int().min(1).default(10), source }),
      run: async ({ query, topn }, signal) => {
        const page = await searchPage(folder, { query, maxResults: Math.min(topn, MAX_RESULTS) }, signal);
        return pages.show(page, { from: 0, count: -1 });
      },
    }),
    createNativeTool({
      ...namespaceOf("open"),
      description: "Opens a link of a page, or a file by its path, or scrolls in a page that is open.",
      schema: z.object({
        id: z.union([z.number().int(), z.string()]).default(-1),
        cursor: optional,
        loc: optional,
        num_lines: optional,
        view_source: z.boolean().default(false),
        source,
      }),
      run: async ({ id, cursor, loc, num_lines: count }) => {
        if (id === -1 || id === "") return pages.show(pages.page(cursor), { from: loc, count });
        const link = typeof id === "string" ? { path: id, line: 0, isPageLine: true } : linkOf(pages.page(cursor), id);
        const { page, line } = await filePage(folder, link);
        return pages.show(page, { from: loc < 0 ? Math.max(0, line - LINES_BEFORE) : loc, count });
      },
    }),
    createNativeTool({
      ...namespaceOf("find"),
      description: "Finds a text in a page that is open.",
      schema: z.object({ pattern: z.string().min(1), cursor: optional }),
      run: ({ pattern, cursor }) => pages.show(findInPage(pages.page(cursor), pattern), { from: 0, count: -1 }),
    }),
  ];
}

/** The words of gpt-oss's training. */
function namespaceOf(name: string) {
  const declaration = BROWSER_NAMESPACE.functions?.find((each) => each.name === name);
  const { name: namespace, description: namespaceDescription = "" } = BROWSER_NAMESPACE;
  return { namespace, namespaceDescription, function: name, declaration };
}

function linkOf(page: BrowserPage, id: number): PageLink {
  const link = page.links.get(id);
  if (link !== undefined) return link;
  const ids = [...page.links.keys()];
  throw new ToolError(
    ids.length === 0
      ? "This page has no links."
      : `There is no link ${id} on this page; its links are ${ids.join(", ")}.`,
  );
}

async function searchPage(
  folder: ToolFolder,
  wanted: Pick<PassageTask, "query" | "maxResults">,
  signal: AbortSignal | undefined,
): Promise<BrowserPage> {
  const task: PassageTask = { ...wanted, root: folder.root, timeMs: TIME_MS };
  const answer = await runFolderTask("src/tools/browser/search-passages.worker.ts", task, signal);
  const found = passagesSchema.parse(JSON.parse(answer));
  if (found.length === 0) throw new ToolError(`No file contains anything like ${JSON.stringify(wanted.query)}.`);
  const lines = found.flatMap(({ path, line, text }, id) => {
    const [place = ""] = wrapPageText(`${path}:${line + 1}`);
    return [`# 【${id}†${place}】`, ...wrapPageText(text.trim()).slice(0, EXTRACT_LINES), ""];
  });
  const links = new Map(found.map(({ path, line }, id) => [id, { path, line, isPageLine: false }]));
  return { title: wanted.query, address: "search results", lines, links, isResults: true };
}

/** @throws ToolError for what is no text file of the folder */
async function filePage(folder: ToolFolder, { path: given, line, isPageLine }: PageLink) {
  if (/^https?:/i.test(given)) throw new ToolError("Only files of the user's folder can be opened here.");
  const path = given.replace(/^file:\/\//, "");
  const handle = await folder.openFile(path);
  try {
    const shown = relative(folder.root, await folder.locate(path));
    const text = await readText(handle, shown);
    const rows = text
      .replace(/\r?\n$/, "")
      .split("\n")
      .map(wrapPageText);
    const page: BrowserPage = {
      title: basename(shown),
      address: shown,
      lines: rows.flat(),
      links: new Map(),
      isResults: false,
    };
    // a line of the file may take several of the page
    const pageLine = rows.slice(0, line).reduce((sum, { length }) => sum + length, 0);
    return { page, line: isPageLine ? line : pageLine };
  } finally {
    await handle.close();
  }
}
