import { z } from "zod";
import { type ServerTraits, UNKNOWN_SERVER } from "./server-traits.ts";

const DEADLINE_MS = 1_000;
/** What our own chat template asks for, and no other knows. */
const OWN_TEMPLATE = "continue_from";

/** llama-server's description of itself. */
const propsSchema = z.object({
  default_generation_settings: z.object({ n_ctx: z.number() }),
  chat_template: z.string(),
  build_info: z.string(),
});

export interface LookAtServerOptions {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a server that someone else runs whether it is a llama-server, and how long a conversation it takes. Whether it splits channels
 * it does not tell; that is seen in what arrives. A server that does not answer is left unknown: the first question says why.
 */
export async function lookAtServer({ baseUrl, apiKey, signal }: LookAtServerOptions): Promise<ServerTraits> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    const response = await fetch(new URL("/props", baseUrl), {
      headers: { authorization: `Bearer ${apiKey ?? ""}`, connection: "close" },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    const props = propsSchema.parse(await response.json());
    return {
      mode: "unknown",
      isLlamaServer: true,
      hasOwnTemplate: props.chat_template.includes(OWN_TEMPLATE),
      contextSize: props.default_generation_settings.n_ctx,
    };
  } catch {
    return UNKNOWN_SERVER; // no llama-server, or none that answers yet
  }
}
