/** Texts that are longer than a question: cutting them, keeping their Markdown, finding places in them. */
export { type Chunk, citationOf, DocumentIndex, readDocuments, type TextFile } from "./document-index.ts";
export {
  type CountTokens,
  lostStructure,
  type MarkdownPiece,
  protectMarkdown,
  type ProtectedText,
  splitMarkdown,
  splitText,
  tokenCounterOf,
} from "./markdown.ts";
