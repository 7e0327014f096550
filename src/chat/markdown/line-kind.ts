/** What a line of Markdown is, by its beginning alone: what a streaming reader can know. */
export type LineKind =
  | { readonly kind: "blank" }
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "rule" }
  | { readonly kind: "fence"; readonly indent: number; readonly mark: string; readonly language: string }
  | { readonly kind: "table" }
  /** A formula that begins here and does not end here. */
  | { readonly kind: "math" }
  | { readonly kind: "quote"; readonly text: string }
  | { readonly kind: "item"; readonly indent: number; readonly marker: string; readonly text: string }
  | { readonly kind: "text"; readonly indent: number; readonly text: string };

const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$/;
const QUOTE = /^ {0,3}>[ \t]?(.*)$/;
const MATH = /^ *(?:\$\$(?!.*\$\$)|\\\[(?!.*\\\]))/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$/;

/** A beginning that more characters of the line could still make something else. */
const OPEN =
  /^ *(?:#{0,6}|[-*+_](?:[ \t]*[-*_])*[ \t]*|\d{0,9}(?:[.)][ \t]*)?|`{1,2}|~{1,2}|[`~]{3,}[^`]*|>|#{1,6}[ \t]+.*|\|.*|\\|\\\[.*|\$|\$\$.*)$/;

export function kindOfLine(line: string): LineKind {
  if (line.trim() === "") return { kind: "blank" };
  const fence = FENCE.exec(line);
  if (fence) return { kind: "fence", indent: fence[1]?.length ?? 0, mark: fence[2] ?? "", language: fence[3] ?? "" };
  const heading = HEADING.exec(line);
  if (heading) return { kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" };
  if (RULE.test(line)) return { kind: "rule" };
  if (/^ *\|/.test(line)) return { kind: "table" };
  if (MATH.test(line)) return { kind: "math" };
  const quote = QUOTE.exec(line);
  if (quote) return { kind: "quote", text: quote[1] ?? "" };
  const item = ITEM.exec(line);
  if (item) return { kind: "item", indent: item[1]?.length ?? 0, marker: item[2] ?? "-", text: item[3] ?? "" };
  const text = line.trimStart();
  return { kind: "text", indent: line.length - text.length, text };
}

/** The same for a line that is still being written: undefined while it could be more than one thing, or is shown only when whole. */
export function kindOfBeginning(line: string): LineKind | undefined {
  return OPEN.test(line) ? undefined : kindOfLine(line);
}
