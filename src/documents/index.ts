/** Texts that are longer than a question: cutting them, keeping their Markdown, finding places in them. */
export { type Chunk, citationOf } from "./chunk-lines.ts";
export { DocumentIndex } from "./document-index.ts";
export { lostStructure } from "./markdown-shape.ts";
export { type MarkdownPiece, splitMarkdown } from "./markdown-pieces.ts";
export { protectMarkdown, type ProtectedText } from "./protect-markdown.ts";
export { readDocuments, type TextFile } from "./read-documents.ts";
export { splitText } from "./split-text.ts";
export { type CountTokens, tokenCounterOf } from "./token-counter.ts";
