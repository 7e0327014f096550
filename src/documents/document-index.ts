import { stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { messageOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { textOf, ToolFolder, walk } from "../tools/files/tool-folder.ts";
import { SearchIndex } from "../tools/search-index.ts";

/** Of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): how little the very first places count for more. */
const RANK_CONSTANT = 60;
/** How many places of each list are joined. */
const DEPTH = 50;

/** Finds the places of files that fit a question: by its words, and by its meaning too where there are embeddings. */
export class DocumentIndex {
  readonly #chunks: readonly Chunk[];
  readonly #words: SearchIndex<{ readonly text: string }>;
  readonly #embeddings: EmbeddingsInterface | undefined;
  readonly #onNotice: ((sentence: string) => void) | undefined;
  #vectors: Promise<number[][]> | undefined;
  #haveFailed = false;

  /** @param onNotice told once when the embeddings fail: words alone are compared then */
  constructor(files: readonly TextFile[], embeddings?: EmbeddingsInterface, onNotice?: (sentence: string) => void) {
    this.#chunks = files.flatMap((file) => chunkLines(file));
    // where a file lies says what it is about
    this.#words = new SearchIndex(this.#chunks.map(({ path, text }) => ({ text: `${path}\n${text}` })));
    this.#embeddings = embeddings;
    this.#onNotice = onNotice;
  }

  /** The `most` places that fit best, the best first. */
  async search(question: string, most: number): Promise<Chunk[]> {
    const byWords = this.#words.search(question, DEPTH).map(({ position }) => position);
    const byMeaning = this.#embeddings === undefined ? [] : await this.#byMeaning(this.#embeddings, question);
    return fuse([byWords, byMeaning])
      .slice(0, most)
      .flatMap((position) => this.#chunks[position] ?? []);
  }

  async #byMeaning(embeddings: EmbeddingsInterface, question: string): Promise<number[]> {
    if (this.#haveFailed) return [];
    let vectors: number[][];
    let wanted: number[];
    try {
      this.#vectors ??= embeddings.embedDocuments(this.#chunks.map(({ text }) => text));
      [vectors, wanted] = await Promise.all([this.#vectors, embeddings.embedQuery(question)]);
    } catch (error) {
      this.#haveFailed = true;
      this.#onNotice?.(`The files are searched by words alone, since the embeddings failed: ${firstLine(error)}`);
      return [];
    }
    const closeness = vectors.map((vector) => cosine(vector, wanted));
    return [...closeness.keys()]
      .toSorted((one, other) => (closeness[other] ?? 0) - (closeness[one] ?? 0))
      .slice(0, DEPTH);
  }
}

function firstLine(error: unknown): string {
  return messageOf(error).split("\n")[0] ?? "";
}

/** Joins ranked lists: what stands high in both comes first. */
function fuse(lists: readonly (readonly number[])[]): number[] {
  const scores = new Map<number, number>();
  for (const list of lists) {
    for (const [rank, position] of list.entries()) {
      scores.set(position, (scores.get(position) ?? 0) + 1 / (RANK_CONSTANT + rank + 1));
    }
  }
  return [...scores].toSorted(([, one], [, other]) => other - one).map(([position]) => position);
}

function cosine(one: readonly number[], other: readonly number[]): number {
  let product = 0;
  let [squares, otherSquares] = [0, 0];
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? 0;
    product += value * against;
    squares += value * value;
    otherSquares += against * against;
  }
  return product / (Math.sqrt(squares * otherSquares) || 1);
}

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
export function formatCitation({ path, fromLine, toLine }: Chunk): string {
  return fromLine === toLine ? `${path}:${fromLine}` : `${path}:${fromLine}-${toLine}`;
}

/** A text file, by the name under which it is cited. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const MOST_FILES = 10_000;

/**
 * Reads a file, or all text files of a folder and of the folders in it; links are not followed, and other files than text are skipped.
 * @throws GptOssError `usage` when there is nothing to read
 */
export async function loadDocuments(path: string, signal?: AbortSignal): Promise<TextFile[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw createError("unreadableDocuments", [path], { cause: error });
  });
  if (found.isFile()) {
    const folder = await ToolFolder.open(dirname(path));
    const text = await textOf(folder, basename(path));
    if (text === undefined) throw createError("noTextFile", [path]);
    return [{ path: basename(path), text }];
  }
  const folder = await ToolFolder.open(path);
  const files: TextFile[] = [];
  for await (const entry of walk(folder, ".", signal)) {
    if (entry.kind !== "file" || basename(entry.path).startsWith(".")) continue;
    const text = await textOf(folder, entry.path);
    if (text !== undefined) files.push({ path: relative(folder.root, entry.path), text });
    if (files.length === MOST_FILES) break;
  }
  if (files.length === 0) throw createError("noTextFiles", [path]);
  return files;
}
