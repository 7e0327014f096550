import { z } from "zod";
import { type ChannelMode, type ServerTraits, UNKNOWN_SERVER } from "./server-traits.ts";

const DEADLINE_MS = 2_000;
/** What our own chat template asks for, and no other knows. */
const OWN_TEMPLATE = "continue_from";

/** llama-server's description of itself. */
const propsSchema = z.object({
  default_generation_settings: z.object({ n_ctx: z.number() }),
  chat_template: z.string(),
  build_info: z.string(),
  model_alias: z.string().optional(),
});

export interface LookAtServerOptions {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The answer that is asked for to see what a server makes of markers, and the grammar that allows no other. */
const MARKERS = "<|channel|>final<|message|>";
const PROBE = {
  messages: [{ role: "user", content: "." }],
  grammar: `root ::= "${MARKERS}."`,
  max_tokens: 8,
};
const answerSchema = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/**
 * Asks a server that someone else runs whether it is a llama-server, how long a conversation it takes, and, since it does not tell,
 * tries whether it splits channels. A server that does not answer is left unknown: the first question says why.
 */
export async function lookAtServer(options: LookAtServerOptions): Promise<ServerTraits> {
  try {
    const props = propsSchema.parse(await ask("/props", options));
    return {
      mode: await tryMode(options),
      isLlamaServer: true,
      hasOwnTemplate: props.chat_template.includes(OWN_TEMPLATE),
      contextSize: props.default_generation_settings.n_ctx,
      alias: props.model_alias,
    };
  } catch {
    return UNKNOWN_SERVER; // no llama-server, or none that answers yet
  }
}

/** A server that is busy is not waited for: its first answer tells as well. */
async function tryMode(options: LookAtServerOptions): Promise<ChannelMode> {
  try {
    const { choices } = answerSchema.parse(await ask("/v1/chat/completions", options, PROBE));
    return choices[0]?.message.content.startsWith(MARKERS) ? "raw" : "split";
  } catch {
    return "unknown";
  }
}

async function ask(path: string, { baseUrl, apiKey, signal }: LookAtServerOptions, body?: unknown): Promise<unknown> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(new URL(path, baseUrl), {
    headers: { authorization: `Bearer ${apiKey ?? ""}`, "content-type": "application/json", connection: "close" },
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  return await response.json();
}
