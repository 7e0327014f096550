import { marked } from "marked";
import { splitText } from "./split-text.ts";
import type { CountTokens } from "./token-counter.ts";

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
