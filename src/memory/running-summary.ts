import { foldText } from "../text/fold-text.ts";

const sentences = new Intl.Segmenter("ja", { granularity: "sentence" });
const words = new Intl.Segmenter("ja", { granularity: "word" });

/**
 * A summary that grows: the sentences so far stay word for word, and those of `addition` that are not among them follow. What was once
 * noted is not told and retold by a model until it is lost, and a model that repeats what it was told adds nothing. A sentence that differs
 * from one already noted only in words that nobody said is an invention, and left out.
 * @param said all that the addition was made of
 */
export function extendSummary(summary: string, addition: string, said: string): string {
  const known = sentencesOf(summary).map(comparable);
  const saidWords = new Set(wordsOf(foldText(said)));
  const news = sentencesOf(addition).filter((sentence) => {
    const key = comparable(sentence);
    if (key === "" || known.includes(key) || known.some((other) => isInvented(key, other, saidWords))) return false;
    known.push(key);
    return true;
  });
  const parts = [summary.trim(), news.join("").trim()].filter((part) => part !== "");
  const isProse = /[.!?。！？]$/.test(parts[0] ?? "") && !parts.some((part) => /\n|^[-*•#\d]/.test(part));
  return parts.join(isProse ? " " : "\n");
}

/** Begins as a known sentence does, at least half of it, and goes on with words of which none was said. */
function isInvented(sentence: string, known: string, said: ReadonlySet<string>): boolean {
  const [own, other] = [wordsOf(sentence), wordsOf(known)];
  const differs = own.findIndex((word, index) => word !== other[index]);
  return differs > 0 && differs >= own.length / 2 && !own.slice(differs).some((word) => said.has(word));
}

function wordsOf(text: string): readonly string[] {
  return Array.from(words.segment(text)).flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
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
