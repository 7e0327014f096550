import type { CallbackManagerForRetrieverRun } from "@langchain/core/callbacks/manager";
import { Document } from "@langchain/core/documents";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import type { Chunk, DocumentIndex } from "./document-index.ts";

/** Where a found passage stands: the file, and its lines from 1, both inclusive. */
export interface PassageMetadata {
  readonly source: string;
  readonly loc: { readonly lines: { readonly from: number; readonly to: number } };
}

/** Options of `DocumentRetriever`. */
export interface DocumentRetrieverOptions extends BaseRetrieverInput {
  readonly index: DocumentIndex;
  /** Passages for each question. Default: 4. */
  readonly k?: number;
}

/** A `DocumentIndex` as a retriever of LangChain's: for chains, tools and graphs that take one. */
export class DocumentRetriever extends BaseRetriever<PassageMetadata & Record<string, unknown>> {
  lc_namespace = ["langchain-gpt-oss", "documents"];
  readonly #index: DocumentIndex;
  readonly #k: number;

  constructor({ index, k = 4, ...fields }: DocumentRetrieverOptions) {
    super(fields);
    this.#index = index;
    this.#k = k;
  }

  /** @internal */
  static override lc_name(): string {
    return "DocumentRetriever";
  }

  /** @internal */
  override async _getRelevantDocuments(
    question: string,
    _runManager?: CallbackManagerForRetrieverRun,
  ): Promise<Document<PassageMetadata & Record<string, unknown>>[]> {
    return (await this.#index.search(question, this.#k)).map(documentOf);
  }
}

function documentOf({ path, fromLine, toLine, text }: Chunk): Document<PassageMetadata & Record<string, unknown>> {
  return new Document({
    pageContent: text,
    metadata: { source: path, loc: { lines: { from: fromLine, to: toLine } } },
  });
}
