/** What a translator must not touch inside of prose: fenced and inline code, HTML, addresses, link targets, variables. */
const FIXED = new RegExp(
  [
    String.raw`(?<=^|\n)[ \t>]*(?<fence>\`{3,}|~{3,})[\s\S]*?\n[ \t>]*\k<fence>[^\n]*`,
    String.raw`(?<ticks>\`+)(?!\`)[\s\S]*?(?<!\`)\k<ticks>(?!\`)`,
    String.raw`<\/?[A-Za-z][^<>\n]*>|<!--[\s\S]*?-->`,
    String.raw`(?<=\]\()[^()\s]*(?:\([^()\s]*\)[^()\s]*)*`,
    String.raw`https?:\/\/[^\s<>()\[\]"'\`。、，！？（）「」]*[^\s<>()\[\]"'\`.,;:!?。、，！？（）「」]`,
    String.raw`\{\{[^{}\n]*\}\}`,
    String.raw`\[\^[^\]\n]+\]`,
  ].join("|"),
  "g",
);
const MARK = /⟦(\d+)⟧/g;

/** A text whose code and links are out of a translator's reach. */
export interface ProtectedText {
  /** The text with `⟦1⟧`, `⟦2⟧`, … in place of what must stay as it is. */
  readonly text: string;
  /** Puts everything back; undefined when a mark was lost, doubled or invented. */
  readonly restore: (text: string) => string | undefined;
}

/** Hides what must stay as it is behind marks, so that whether all of it came back can be checked. */
export function protectMarkdown(markdown: string): ProtectedText {
  const hidden: string[] = [];
  // marks of the text's own would be taken for ours
  const text = markdown.replace(new RegExp(`${MARK.source}|${FIXED.source}`, "g"), (fixed) => {
    if (fixed === "") return "";
    hidden.push(fixed);
    return `⟦${hidden.length}⟧`;
  });
  return {
    text,
    restore(changed) {
      const marks = [...changed.matchAll(MARK)].map((match) => Number(match[1]));
      const complete = marks.length === hidden.length && new Set(marks).size === hidden.length;
      if (!complete || marks.some((mark) => mark < 1 || mark > hidden.length)) return undefined;
      return changed.replaceAll(MARK, (_mark, number) => hidden[Number(number) - 1] ?? "");
    },
  };
}
