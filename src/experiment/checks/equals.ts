import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";
import { fillFrom, normalize } from "./text.ts";

export function equals({ value, ignore_case: ignoreCase }: CheckOf<"equals">): CheckFunction {
  return (judged) => {
    const wanted = fillFrom(value, judged).trim();
    const same = normalize(judged.text.trim(), ignoreCase) === normalize(wanted, ignoreCase);
    return same ? passed(`is ${quote(wanted)}`) : failed(`is ${quote(judged.text)}, not ${quote(wanted)}`);
  };
}
