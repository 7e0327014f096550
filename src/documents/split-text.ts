import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { marked } from "marked";
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
 * Cuts a text into pieces of at most so many tokens, at the best places there are. Joined, the pieces are the text again.
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

/** Cuts a document into pieces, prose of at most so many tokens. Joined, the pieces are the document again. */
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
export function tokenCounterOf(model: BaseChatModel): CountTokens {
  if (model instanceof ChatGptOss) return (text) => model.getNumTokens(text);
  return (text) => Promise.resolve(approximateTokens(text));
}
