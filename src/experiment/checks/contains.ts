import type { CheckOf } from "../definition/check-schema.ts";
import { type CheckFunction, failed, passed, quote } from "./check.ts";
import { fillFrom, normalize } from "./text.ts";

export function contains({ value, match, ignore_case: ignoreCase }: CheckOf<"contains">): CheckFunction {
  const templates = typeof value === "string" ? [value] : value;
  return (judged) => {
    const text = normalize(judged.text, ignoreCase);
    const wanted = templates.map((template) => fillFrom(template, judged));
    const missing = wanted.filter((part) => !text.includes(normalize(part, ignoreCase)));
    const found = wanted.length - missing.length;
    if (missing.length === 0) return passed(`contains ${list(wanted)}`);
    if (match === "any" && found > 0)
      return passed(`contains ${list(wanted.filter((part) => !missing.includes(part)))}`);
    // with "any" there is no part of it: one is enough and none is nothing
    return failed(`lacks ${list(missing)}`, match === "all" ? found / wanted.length : 0);
  };
}

function list(parts: readonly string[]): string {
  return parts.map((part) => quote(part)).join(", ");
}
