/** Texts that are longer than a question: cutting them, keeping their Markdown, finding places in them. */
export { type Chunk, citationOf } from "./document-index.ts";
export { DocumentIndex } from "./document-index.ts";
export { lostStructure } from "./protect-markdown.ts";
export { type MarkdownPiece, splitMarkdown } from "./split-text.ts";
export { protectMarkdown, type ProtectedText } from "./protect-markdown.ts";
export { readDocuments, type TextFile } from "./document-index.ts";
export { splitText } from "./split-text.ts";
export { type CountTokens, tokenCounterOf } from "./split-text.ts";
