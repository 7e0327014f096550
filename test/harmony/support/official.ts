import { readFileSync } from "node:fs";
import { z } from "zod";
import { packageFile } from "../../../src/platform/folders.ts";
import { TOKENS } from "../../../src/harmony/format.ts";

/** OpenAI's own parser, compiled to WASM, with its own tokenizer. */
export interface OfficialCore {
  encode(text: string): Uint32Array;
  /** UTF-8 of one token, which can be a part of a character. */
  bytesOf(token: number): Uint8Array;
  /** Throws for whatever is not well-formed. */
  parse(tokens: Uint32Array): OfficialMessage[];
  /** A parser that takes one token at a time. */
  stream(): OfficialStream;
}

export interface OfficialStream {
  process(token: number): void;
  readonly lastContentDelta: string;
  readonly messages: string;
  free(): void;
}

const messageSchema = z.object({
  role: z.string(),
  name: z.string().optional(),
  channel: z.string().optional(),
  recipient: z.string().optional(),
  content_type: z.string().optional(),
  content: z.union([z.string(), z.array(z.object({ text: z.string() }))]),
});

export type OfficialMessage = z.infer<typeof messageSchema>;

/** The package fetches its code by a file URL and its vocabulary from the network; both are on the disk already. */
export async function loadOfficialCore(): Promise<OfficialCore> {
  const { fetch } = globalThis;
  globalThis.fetch = answerFromDisk;
  try {
    const { JsStreamableParser, load_harmony_encoding } = await import("openai-harmony");
    const encoding = await load_harmony_encoding("HarmonyGptOss");
    const control = new Set<string>(Object.values(TOKENS));
    return {
      encode: (text) => encoding.encode(text, control),
      bytesOf: (token) => encoding.decodeBytes(Uint32Array.of(token)),
      parse: (tokens) =>
        z.array(messageSchema).parse(JSON.parse(encoding.parseMessagesFromCompletionTokens(tokens, "assistant"))),
      stream: () => new JsStreamableParser(encoding, "assistant"),
    };
  } finally {
    globalThis.fetch = fetch;
  }
}

function answerFromDisk(request: string | URL | Request): Promise<Response> {
  const url = request instanceof Request ? request.url : String(request);
  const isCode = url.startsWith("file:");
  const body = readFileSync(isCode ? new URL(url) : packageFile("node_modules/gpt-tokenizer/data/o200k_base.tiktoken"));
  const response = new Response(new Uint8Array(body), {
    headers: { "content-type": isCode ? "application/wasm" : "text/plain" },
  });
  // the package asks for it, and a response that was made by hand has none
  Object.defineProperty(response, "url", { value: url });
  return Promise.resolve(response);
}
