import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed } from "./check.ts";
import { countCharacters } from "./text.ts";

/** No answer at all is not a short one. */
const NOTHING = "there is no answer";

export function maxChars({ limit }: CheckOf<"max_chars">): CheckFunction {
  return ({ text }) => {
    const count = countCharacters(text);
    if (count === 0) return failed(NOTHING);
    if (count > limit) return failed(`${count} characters, more than ${limit}`);
    return passed(`${count} of at most ${limit} characters`);
  };
}

export function maxTokens({ limit, on }: CheckOf<"max_tokens">): CheckFunction {
  return ({ text, answer: { tokens } }) => {
    const count = on === "analysis" ? tokens.thinking : tokens.answer;
    if (text === "") return failed(NOTHING);
    return count > limit
      ? failed(`${count} tokens, more than ${limit}`)
      : passed(`${count} of at most ${limit} tokens`);
  };
}

/** The answer ended by itself. */
export function noTruncation(): CheckFunction {
  return ({ answer: { finishReason } }) =>
    finishReason === "length" ? failed("cut at the limit of tokens") : passed(`ended by itself (${finishReason})`);
}
