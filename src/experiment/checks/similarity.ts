import { distance } from "fastest-levenshtein";
import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";
import { fillFrom, normalize } from "./text.ts";

/** 1 for equal texts, 0 for texts that share nothing: 1 − Levenshtein distance ÷ length of the longer one. */
export function similarity({ value, at_least: atLeast }: CheckOf<"similarity">): CheckFunction {
  return (judged) => {
    const text = normalize(judged.text.trim(), false);
    const wanted = normalize(fillFrom(value, judged).trim(), false);
    const longer = Math.max(text.length, wanted.length);
    const score = longer === 0 ? 1 : 1 - distance(text, wanted) / longer;
    const why = `${score.toFixed(2)} like ${quote(wanted)}`;
    return score >= atLeast ? { ...passed(why), score } : failed(`${why}, less than ${atLeast}`, score);
  };
}
