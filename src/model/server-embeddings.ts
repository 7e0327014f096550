import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";

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
  const { baseUrl, apiKey, model } = server;
  if (!(await offersEmbeddings(server))) return undefined;
  return new OpenAIEmbeddings({
    model,
    apiKey: apiKey ?? "none",
    batchSize: BATCH,
    stripNewLines: false,
    encodingFormat: "float",
    maxRetries: 0,
    // llama-server closes its side after a reply; see the model class
    configuration: { baseURL: baseUrl, defaultHeaders: { connection: "close" }, logLevel: "off" },
  });
}

async function offersEmbeddings({ baseUrl, apiKey, model }: EmbeddingServer): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/embeddings`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${apiKey ?? "none"}`,
        "content-type": "application/json",
        connection: "close",
      },
      body: JSON.stringify({ model, input: ".", encoding_format: "float" }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return response.ok && answerSchema.safeParse(await response.json()).success;
  } catch {
    return false; // whoever asks a question hears why nothing answers
  }
}
