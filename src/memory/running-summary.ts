import { foldText } from "./fold-text.ts";

const sentences = new Intl.Segmenter("ja", { granularity: "sentence" });

/**
 * A summary that grows: the sentences so far stay word for word, and those of `addition` that are not among them follow. What was once
 * noted is not told and retold by a model until it is lost, and a model that repeats what it was told adds nothing.
 */
export function extendSummary(summary: string, addition: string): string {
  const known = new Set(sentencesOf(summary).map(comparable));
  const news = sentencesOf(addition).filter((sentence) => {
    const key = comparable(sentence);
    if (key === "" || known.has(key)) return false;
    known.add(key);
    return true;
  });
  const parts = [summary.trim(), news.join("").trim()].filter((part) => part !== "");
  const isProse = /[.!?。！？]$/.test(parts[0] ?? "") && !parts.some((part) => /\n|^[-*•#\d]/.test(part));
  return parts.join(isProse ? " " : "\n");
}

/** Sentences and lines with what stands between them. */
function sentencesOf(text: string): readonly string[] {
  return Array.from(sentences.segment(text), ({ segment }) => segment);
}

/** A sentence without its bullet, its end, its emphasis, case and width. */
function comparable(sentence: string): string {
  return foldText(sentence)
    .replaceAll("**", "")
    .replace(/^\s*(?:[-*•>]|#+|\d+[.)])\s+/, "")
    .replace(/[\s.!?。]+$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
