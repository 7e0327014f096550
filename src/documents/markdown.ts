import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { marked, type Token } from "marked";
import { approximateTokens } from "../inference/token-count.ts";
import { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { segmentsOf } from "../terminal/unicode.ts";

/** Where a text may be cut, the best places first: between paragraphs, lines, sentences, words, characters. */
const CUTS: readonly ((text: string) => string[])[] = [
  (text) => text.split(/(?<=\n[ \t]*\n)/),
  (text) => text.split(/(?<=\n)/),
  (text) => [...segmentsOf(text, "sentence")],
  (text) => [...segmentsOf(text, "word")],
  (text) => [...segmentsOf(text, "grapheme")],
];

/**
 * Splits text into pieces of at most a number of tokens, at the best places. Joined, the pieces are the text again.
 * @param count counts of parts are added up, which is never too few by more than a token or two a part
 */
export async function splitText(text: string, most: number, count: CountTokens): Promise<string[]> {
  return await split(text, most, count, 0);
}

async function split(text: string, most: number, count: CountTokens, level: number): Promise<string[]> {
  const cut = CUTS[level];
  if (text === "" || (await count(text)) <= most || cut === undefined) return text === "" ? [] : [text];
  const parts = cut(text).filter((part) => part !== "");
  if (parts.length === 1) return await split(text, most, count, level + 1);
  const pieces: string[] = [];
  let piece = "";
  let tokens = 0;
  for (const part of parts) {
    const size = await count(part);
    if (tokens + size > most && piece !== "") {
      pieces.push(piece);
      piece = "";
      tokens = 0;
    }
    if (size > most) {
      pieces.push(...(await split(part, most, count, level + 1)));
    } else {
      piece += part;
      tokens += size;
    }
  }
  return piece === "" ? pieces : [...pieces, piece];
}

/** A part of a Markdown document: prose for a model to work on, or what has to stay as it is (code, HTML, front matter). */
export interface MarkdownPiece {
  readonly kind: "prose" | "verbatim";
  readonly text: string;
}

const VERBATIM = new Set(["code", "html", "hr", "def"]);
const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---\r?\n/;

/** Splits a document into pieces whose prose has at most a number of tokens. Joined, the pieces are the document again. */
export async function splitMarkdown(markdown: string, most: number, count: CountTokens): Promise<MarkdownPiece[]> {
  const frontMatter = FRONT_MATTER.exec(markdown)?.[0] ?? "";
  const blocks = marked.lexer(markdown.slice(frontMatter.length).replaceAll("\r\n", "\n"));
  const pieces: MarkdownPiece[] = frontMatter === "" ? [] : [{ kind: "verbatim", text: frontMatter }];
  let prose = "";
  let tokens = 0;
  const close = async () => {
    const texts = await splitText(prose, most, count);
    pieces.push(...texts.map((text): MarkdownPiece => ({ kind: "prose", text })));
    prose = "";
    tokens = 0;
  };
  for (const { type, raw } of blocks) {
    // blank lines go with the prose before them
    if (VERBATIM.has(type) || (type === "space" && prose === "")) {
      await close();
      pieces.push({ kind: "verbatim", text: raw });
      continue;
    }
    const size = await count(raw);
    if (tokens + size > most) await close();
    prose += raw;
    tokens += size;
  }
  await close();
  return pieces;
}

/** Tokens of a text. */
export type CountTokens = (text: string) => Promise<number>;

/** By the server's own tokenizer for a ChatGptOss; an estimate, rather too high, for any other model: LangChain's own way downloads one. */
export function createTokenCounter(model: BaseChatModel): CountTokens {
  if (model instanceof ChatGptOss) return (text) => model.getNumTokens(text);
  return (text) => Promise.resolve(approximateTokens(text));
}

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
 * @returns what differs first, such as "headings"; undefined when nothing differs
 */
export function findLostStructure(markdown: string, translated: string): string | undefined {
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
