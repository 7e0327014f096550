import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Environment } from "../../setup/folders.ts";
import type { ProbeResult } from "../../setup/verify.ts";
import { GptOssError, messageOf } from "../errors.ts";
import { failed } from "../failures/failure.ts";
import { parseHarmony, summarizeHarmony } from "../harmony/index.ts";
import type { LocalModel } from "./choose-model.ts";
import { openServer } from "./open-server.ts";

const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }) })).min(1),
  timings: z.object({ prompt_per_second: z.number(), predicted_per_second: z.number() }),
});

export interface ProbeOptions {
  readonly program: string;
  readonly model: LocalModel;
  readonly cache: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a server, greets the model over plain HTTP, and gives the server up. */
export async function probeServer({ signal, ...options }: ProbeOptions): Promise<ProbeResult> {
  // as a chat would have it, so that the chat which follows finds it running
  const server = await openServer({ ...options, signal });
  try {
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json", connection: "close" },
      body: JSON.stringify({
        messages: [{ role: "user", content: "Hello" }],
        reasoning_effort: "low",
        temperature: 0,
        max_tokens: 512,
      }),
      ...(signal && { signal }),
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`HTTP ${response.status} ${JSON.stringify(body)}`);
    const { choices, timings } = completionSchema.parse(body);
    const text = choices[0]?.message.content ?? "";
    return {
      answer: summarizeHarmony(parseHarmony(text)).final,
      promptPerSecond: timings.prompt_per_second,
      answerPerSecond: timings.predicted_per_second,
      log: await readFile(server.logFile, "utf8"),
    };
  } catch (error) {
    if (signal?.aborted || GptOssError.isInstance(error)) throw error;
    throw failed("noProbeAnswer", [messageOf(error), server.logFile], { cause: error });
  } finally {
    await server.stop();
  }
}
