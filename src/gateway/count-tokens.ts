import type { InferenceRequest } from "../inference/inference-request.ts";
import { approximateTokens } from "../inference/token-count.ts";
import type { GatewayOptions } from "./gateway-options.ts";

/** The tokens of a prompt, by the model server where it can count them. */
export async function countPromptTokens(
  request: InferenceRequest,
  { countTokens, ready }: Pick<GatewayOptions, "countTokens" | "ready">,
  signal: AbortSignal,
): Promise<number> {
  if (countTokens === undefined) return estimateTokens(request);
  await ready?.(signal);
  return await countTokens(request, signal);
}

function estimateTokens({ messages, tools = [] }: InferenceRequest): number {
  const texts = messages.flatMap(({ content, toolCalls = [] }) => [
    String(content),
    ...toolCalls.flatMap((call) => [call.name, call.arguments]),
  ]);
  return approximateTokens([...texts, JSON.stringify(tools)].join("\n"));
}
