import { foldText, normalizeText } from "../../text/fold-text.ts";
import { graphemesOf } from "../../text/width.ts";
import { fillTemplate } from "../../text/template.ts";
import type { Judged } from "./check.ts";

/** A check's value with the case's variables and `{{expected}}` filled in. */
export function fillFrom(
  template: string,
  { case: { variables, expected } }: { readonly case: Pick<Judged["case"], "variables" | "expected"> },
): string {
  return fillTemplate(template, expected === undefined ? variables : { ...variables, expected });
}

/** Composed characters; with `ignoreCase` also one case and one width (Ａ is A, ｶﾞ is ガ). */
export function normalize(text: string, ignoreCase: boolean): string {
  return ignoreCase ? foldText(text) : normalizeText(text, "NFC");
}

/** Characters as people count them: 👨‍👩‍👧 and が are one each. */
export function countCharacters(text: string): number {
  return graphemesOf(text).length;
}
