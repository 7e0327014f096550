import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { messageOf } from "../errors.ts";
import { type Chunk, chunkLines } from "./chunk-lines.ts";
import type { TextFile } from "./read-documents.ts";
import { SearchIndex } from "../search/search-index.ts";

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
