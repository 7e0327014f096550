import type { GatewayModel } from "./gateway-options.ts";

/** A model as clients of OpenAI's and of Anthropic's APIs find it. */
function describeModel(id: string, { created = new Date(0) }: GatewayModel, contextSize: number | undefined) {
  return {
    id,
    object: "model" as const,
    created: Math.floor(created.getTime() / 1000),
    owned_by: "langchain-gpt-oss",
    // Anthropic's
    type: "model" as const,
    display_name: id,
    created_at: created.toISOString(),
    ...(contextSize !== undefined && {
      // each client has its own name for it: LibreChat and OpenRouter's, vLLM's, llama-server's
      context_length: contextSize,
      max_model_len: contextSize,
      meta: { n_ctx: contextSize },
    }),
  };
}

/** The list of models: the model under its name and its aliases. */
export function listModels(model: GatewayModel, contextSize: number | undefined) {
  const names = [...new Set([model.name, ...(model.aliases ?? [])])];
  const data = names.map((name) => describeModel(name, model, contextSize));
  return { object: "list" as const, data, has_more: false, first_id: names[0], last_id: names.at(-1) };
}

export function findModel(name: string, model: GatewayModel, contextSize: number | undefined) {
  return listModels(model, contextSize).data.find(({ id }) => id === name);
}
