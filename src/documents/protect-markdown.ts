import { marked, type Token } from "marked";

/** What a translator must not touch inside of prose: fenced and inline code, HTML, addresses, link targets, variables. */
const FIXED = new RegExp(
  [
    String.raw`(?<=^|\n)[ \t>]*(?<fence>\`{3,}|~{3,})[\s\S]*?\n[ \t>]*\k<fence>[^\n]*`,
    String.raw`(?<ticks>\`+)(?!\`)[\s\S]*?(?<!\`)\k<ticks>(?!\`)`,
    String.raw`<\/?[A-Za-z][^<>\n]*>|<!--[\s\S]*?-->`,
    String.raw`(?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*`,
    String.raw`https?:\/\/[^\s<>()\[\]"'\`。、，！？（）「」]*[^\s<>()\[\]"'\`.,;:!?。、，！？（）「」]`,
    String.raw`\{\{[^{}\n]*\}\}`,
    String.raw`\[\^[^\]\n]+\]`,
  ].join("|"),
  "g",
);
const MARK = /⟦(\d+)⟧/g;

/** A text whose code and links are out of a translator's reach. */
export interface ProtectedText {
  /** The text with `⟦1⟧`, `⟦2⟧`, … in place of what must stay as it is. */
  readonly text: string;
  /** Puts everything back; undefined when a mark was lost, doubled or invented. */
  readonly restore: (text: string) => string | undefined;
}

/** Hides what must stay as it is behind marks, so that whether all of it came back can be checked. */
export function protectMarkdown(markdown: string): ProtectedText {
  const hidden: string[] = [];
  // marks of the text's own would be taken for ours
  const text = markdown.replace(new RegExp(`${MARK.source}|${FIXED.source}`, "g"), (fixed) => {
    if (fixed === "") return "";
    hidden.push(fixed);
    return `⟦${hidden.length}⟧`;
  });
  return {
    text,
    restore(changed) {
      const marks = [...changed.matchAll(MARK)].map((match) => Number(match[1]));
      const complete = marks.length === hidden.length && new Set(marks).size === hidden.length;
      if (!complete || marks.some((mark) => mark < 1 || mark > hidden.length)) return undefined;
      return changed.replaceAll(MARK, (_mark, number) => hidden[Number(number) - 1] ?? "");
    },
  };
}

/** Parts of a document whose number and order a translation has to keep, and what a reader calls them. */
const PARTS = {
  heading: "headings",
  list: "lists",
  table: "tables",
  quote: "quotes",
  code: "code blocks",
  link: "links",
};
type Part = keyof typeof PARTS;

/**
 * Compares the structure of a text with that of its translation: headings with their levels, lists with their items, tables with their
 * rows and columns, quotes, code blocks, links and images.
 * @returns what differs first, such as "headings"; undefined when all is kept
 */
export function lostStructure(markdown: string, translated: string): string | undefined {
  const [before, after] = [shapeOf(markdown), shapeOf(translated)];
  const part = (Object.keys(PARTS) as Part[]).find((name) => inOrder(name, before) !== inOrder(name, after));
  return part && PARTS[part];
}

/** The order of words, and so of links, differs between languages. */
function inOrder(part: Part, shape: Readonly<Record<Part, readonly string[]>>): string {
  return JSON.stringify(part === "link" ? shape.link.toSorted() : shape[part]);
}

function shapeOf(markdown: string): Record<Part, string[]> {
  const shape: Record<Part, string[]> = { heading: [], list: [], table: [], quote: [], code: [], link: [] };
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    const [part, form] = formOf(token) ?? [];
    if (part !== undefined && form !== undefined) shape[part].push(form);
  });
  return shape;
}

function formOf(token: Token): readonly [Part, string] | undefined {
  switch (token.type) {
    case "heading":
      return ["heading", String(token["depth"])];
    case "list":
      return ["list", `${token["ordered"] ? "1." : "-"}${(token["items"] as readonly unknown[]).length}`];
    case "table":
      return [
        "table",
        `${(token["header"] as readonly unknown[]).length}x${(token["rows"] as readonly unknown[]).length}`,
      ];
    case "blockquote":
      return ["quote", ">"];
    case "code":
      return ["code", String(token["lang"] ?? "")];
    case "link":
    case "image":
      return ["link", token.type];
    default:
      return undefined;
  }
}
