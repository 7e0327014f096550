import { z } from "zod";
import { neutralizeControlTokens } from "../harmony/neutralize.ts";
import { encodeJsonBody } from "../platform/json-body.ts";

const TOKENS_PER_ASCII_CHARACTER = 0.3;
const DEADLINE_MS = 2_000;
const tokenizeSchema = z.object({ tokens: z.array(z.unknown()) });

/**
 * Estimates tokens without a tokenizer, rather too many than too few: a quarter to a third of the characters of English and of code,
 * one for each character of scripts such as Japanese.
 */
export function approximateTokens(text: string): number {
  let ascii = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 128) ascii++;
  return Math.ceil(ascii * TOKENS_PER_ASCII_CHARACTER + (text.length - ascii));
}

/** Counts a text's tokens by the server's own tokenizer; estimates them when the server does not answer at once. */
export async function countTokens(text: string, baseUrl: string, apiKey: string | undefined): Promise<number> {
  try {
    const response = await fetch(new URL("/tokenize", baseUrl), {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey ?? ""}`, "content-type": "application/json", connection: "close" },
      // what is counted is what would be sent
      body: encodeJsonBody({ content: neutralizeControlTokens(text) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return tokenizeSchema.parse(await response.json()).tokens.length;
  } catch {
    return approximateTokens(text); // an estimate is what is left
  }
}
