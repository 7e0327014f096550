import type { TextFile } from "./read-documents.ts";

/** Some lines of a file, small enough to be quoted to a model. */
export interface Chunk {
  readonly path: string;
  /** From 1. */
  readonly fromLine: number;
  /** Inclusive. */
  readonly toLine: number;
  readonly text: string;
}

/** UTF-8: about 300 tokens. */
const CHUNK_BYTES = 1_200;

/** Cuts a file into chunks of whole lines; a heading begins one, and a blank line ends one that is half full. */
export function chunkLines({ path, text }: TextFile, bytes: number = CHUNK_BYTES): Chunk[] {
  const chunks: Chunk[] = [];
  let lines: string[] = [];
  let size = 0;
  const close = (next: number) => {
    if (lines.some((line) => line.trim() !== "")) {
      chunks.push({ path, fromLine: next - lines.length, toLine: next - 1, text: lines.join("\n") });
    }
    lines = [];
    size = 0;
  };
  const all = text.replace(/\r?\n$/, "").split(/\r?\n/);
  for (const [index, line] of all.entries()) {
    const number = index + 1;
    const added = Buffer.byteLength(line) + 1;
    if (size + added > bytes || (/^#{1,6} /.test(line) && size > 0)) close(number);
    lines.push(line);
    size += added;
    if (line.trim() === "" && size > bytes / 2) close(number + 1);
  }
  close(all.length + 1);
  return chunks;
}

/** `docs/setup.md:12-30`. */
export function citationOf({ path, fromLine, toLine }: Chunk): string {
  return fromLine === toLine ? `${path}:${fromLine}` : `${path}:${fromLine}-${toLine}`;
}
