import { Embeddings, type EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import { sanitizeControlTokensIn } from "../harmony/sanitize.ts";
import { explainRequestError } from "../inference/request-error.ts";
import { requestServerJson } from "../llama-server/http.ts";

/** A server may be in the middle of an answer. */
const DEADLINE_MS = 5_000;
/** Texts of one request. */
const BATCH = 32;
const answerSchema = z.object({ data: z.array(z.object({ embedding: z.array(z.number()).min(1) })).min(1) });

export interface EmbeddingServer {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** The name sent to the server. */
  readonly model: string;
}

/**
 * The embeddings of a server that offers them: it is asked for one, since nothing else tells. llama-server does with
 * `--embeddings --pooling mean`; without, and where nothing answers, there are none.
 */
export async function serverEmbeddings(server: EmbeddingServer): Promise<EmbeddingsInterface | undefined> {
  return (await offersEmbeddings(server)) ? new ServerEmbeddings(server) : undefined;
}

async function offersEmbeddings(server: EmbeddingServer): Promise<boolean> {
  try {
    await requestEmbeddings(server, ".", AbortSignal.timeout(DEADLINE_MS));
    return true;
  } catch {
    return false; // the next question reports why nothing answers
  }
}

/** LangChain's embeddings from a server; OpenAI's own class takes headers of the request from the environment. */
class ServerEmbeddings extends Embeddings {
  readonly #server: EmbeddingServer;

  constructor(server: EmbeddingServer) {
    super({ maxRetries: 0 });
    this.#server = server;
  }

  override async embedQuery(text: string): Promise<number[]> {
    const [vector = []] = await this.caller.call(async () => await requestEmbeddings(this.#server, text));
    return vector;
  }

  override async embedDocuments(texts: string[]): Promise<number[][]> {
    const vectors: number[][] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      const batch = texts.slice(start, start + BATCH);
      vectors.push(...(await this.caller.call(async () => await requestEmbeddings(this.#server, batch))));
    }
    return vectors;
  }
}

async function requestEmbeddings(
  { baseUrl, apiKey, model }: EmbeddingServer,
  input: string | readonly string[],
  signal?: AbortSignal,
): Promise<number[][]> {
  try {
    const reply = await requestServerJson({
      baseUrl,
      apiKey,
      path: "embeddings",
      // a run that overflows the tokenizer's stack would end the server
      body: { model, input: sanitizeControlTokensIn(input), encoding_format: "float" },
      signal,
    });
    return answerSchema.parse(reply).data.map(({ embedding }) => embedding);
  } catch (thrown) {
    throw explainRequestError(thrown, baseUrl);
  }
}
