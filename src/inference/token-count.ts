import { z } from "zod";
import { sanitizeControlTokens } from "../harmony/sanitize.ts";
import type { AnswerTokens, ContentPart } from "./answer-part.ts";
import { requestServerJson } from "../llama-server/http.ts";
import type { WireDelta } from "./wire.ts";

/** `<|channel|>final<|message|>` and `<|return|>`: four tokens that a server which splits the channels does not send. */
const FRAME = 4;
/** `<|channel|>analysis<|message|>` and `<|end|><|start|>assistant` as well. */
const FRAME_WITH_REASONING = 10;

export interface CountedDelta {
  readonly delta: WireDelta;
  /** What it has brought. */
  readonly pieces: readonly ContentPart[];
  readonly isHoldingText: boolean;
}

/**
 * Counts tokens by channel as they stream: llama-server sends a piece a token, and of each piece it is known where it belongs. Only
 * characters of several tokens come together, and the server's own total tells whether there were any.
 */
export class TokenCounts {
  #counts = { reasoning: 0, text: 0, other: 0 };
  #frame = 0;
  #held = 0;

  add({ delta, pieces, isHoldingText }: CountedDelta): void {
    const hasText = [delta.content, delta.reasoning_content, delta.reasoning].some(Boolean);
    if (!hasText && (delta.tool_calls ?? []).length === 0) return;
    const last = pieces.findLast(({ type }) => type !== "tool-call");
    if (last !== undefined) {
      this.#counts[kindOf(last)] += 1 + this.#held;
      this.#held = 0;
    } else if (isHoldingText) this.#held++;
    else {
      this.#frame += 1 + this.#held;
      this.#held = 0;
    }
  }

  /** At the end of the answer: what was held back belongs to what it turned out to be. */
  end(pieces: readonly ContentPart[]): void {
    const last = pieces.findLast(({ type }) => type !== "tool-call");
    if (last === undefined) return;
    this.#counts[kindOf(last)] += this.#held;
    this.#held = 0;
  }

  /** @param total tokens that the server has counted, of the same answer */
  result(total: number | undefined): AnswerTokens {
    const { reasoning, text, other } = this.#counts;
    const seen = reasoning + text + other + this.#frame + this.#held;
    // the last token, <|return|> or <|call|>, is never sent; a server that splits the channels sends nothing of the format
    const unseen = this.#frame > 0 ? [0, 1] : [0, 1, reasoning > 0 ? FRAME_WITH_REASONING : FRAME];
    return { reasoning, text, other, isExact: unseen.some((tokens) => total === seen + tokens) };
  }
}

function kindOf(part: ContentPart): "reasoning" | "text" | "other" {
  if (part.type !== "text" || part.channel === "commentary") return "other";
  return part.channel === "analysis" ? "reasoning" : "text";
}

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
    const reply = await requestServerJson({
      baseUrl,
      apiKey,
      path: "/tokenize",
      // what is counted is what would be sent
      body: { content: sanitizeControlTokens(text) },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return tokenizeSchema.parse(reply).tokens.length;
  } catch {
    return approximateTokens(text); // an estimate is what is left
  }
}
