/** Marks on one character. Halfwidth voiced marks count too: NFKC makes combining ones of them. */
const MARKS = /([\p{M}\uFF9E\uFF9F]{30})[\p{M}\uFF9E\uFF9F]+/gu;

/**
 * `normalize` without its worst case: sorting the marks on one character takes 40 seconds for 200,000 of them, and nothing can
 * interrupt it. Marks after the 30th are left out, a limit that Unicode's stream-safe text format has too (UAX 15).
 */
export function normalizeText(text: string, form: "NFC" | "NFKC"): string {
  return text.replaceAll(MARKS, "$1").normalize(form);
}

/** Text as a search compares it: compatibility forms (full and half width, ligatures) made one, and case ignored. */
export function foldText(text: string): string {
  return normalizeText(text, "NFKC").toLowerCase();
}
