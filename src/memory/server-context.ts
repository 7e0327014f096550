import { z } from "zod";

const propsSchema = z.object({ default_generation_settings: z.object({ n_ctx: z.number().int().positive() }) });
/** A server that is there answers this at once. */
const PATIENCE_MS = 2_000;

/**
 * Tokens that a llama-server has for one conversation, asked of the server itself.
 * @param baseUrl with its path: `http://127.0.0.1:8080/v1`
 * @returns undefined for any other server, and for one that does not answer (the first question will say why)
 */
export async function askContextSize(baseUrl: string, apiKey: string | undefined): Promise<number | undefined> {
  try {
    const response = await fetch(`${baseUrl.replace(/\/v1\/?$/, "")}/props`, {
      headers: { authorization: `Bearer ${apiKey ?? "none"}`, connection: "close" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const props = propsSchema.safeParse(await response.json());
    return props.success ? props.data.default_generation_settings.n_ctx : undefined;
  } catch {
    return undefined;
  }
}
