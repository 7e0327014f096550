import { marked, type Token } from "marked";

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
