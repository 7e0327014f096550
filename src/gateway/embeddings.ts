import { z } from "zod";
import { invalidRequest } from "./api-error.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { parseBody } from "./request-body.ts";

const requestSchema = z.looseObject({
  input: z.union([z.string(), z.array(z.string()).min(1)], { error: "Expected a text or a list of texts" }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

/** Answers a request for embeddings. @throws ApiError for a model that has none */
export async function createEmbeddings(
  body: unknown,
  { embeddings, model }: Pick<GatewayOptions, "embeddings" | "model">,
  signal: AbortSignal,
) {
  const { input, encoding_format } = parseBody(requestSchema, body);
  if (embeddings === undefined) throw invalidRequest(`The model ${model.name} has no embeddings.`, "model");
  const { vectors, promptTokens = 0 } = await embeddings(typeof input === "string" ? [input] : input, signal);
  return {
    object: "list" as const,
    model: model.name,
    data: vectors.map((vector, index) => ({
      object: "embedding" as const,
      index,
      embedding: encoding_format === "base64" ? base64Of(vector) : vector,
    })),
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  };
}

/** 32-bit floats, little-endian, as OpenAI's SDK asks for by default. */
function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
