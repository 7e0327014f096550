const ADDRESS = /^(?:https?:\/\/|www\.)[!-~]*/;
const ADDRESS_MARKS = ["https://", "http://", "www."];
const TAG = /^<(?:\/?[a-z][^<>\n]{0,200}|!--)/i;
const ENTITY = /^&(?:#\d{1,6}|#x[\da-f]{1,6}|[a-z]\w{1,8});/i;
const ENTITY_BEGINNING = /^&[#\w]{0,10}$/;

/**
 * How long the thing of Markdown at the beginning of a text is (emphasis aside), 1 when it is a plain character, undefined while it is
 * open. An answer stays the same however the text goes on.
 * @param before the character before the text
 */
export function endOfUnit(text: string, before: string): number | undefined {
  const character = text[0] ?? "";
  switch (character) {
    case "\\":
      return endOfEscape(text);
    case "`":
      return endOfCode(text, 0);
    case "$":
      if (text.length === 1) return undefined;
      return text[1] === "$" ? after(text, "$$") : 1;
    case "!":
      if (text.length === 1) return undefined;
      return text[1] === "[" ? endOfLink(text, 1) : 1;
    case "[":
      return endOfLink(text, 0);
    case "<":
      return endOfTag(text);
    case "h":
    case "w":
      return /[a-z\d]/i.test(before) ? 1 : endOfAddress(text);
    case "&":
      return ENTITY.exec(text)?.[0].length ?? (ENTITY_BEGINNING.test(text) ? undefined : 1);
    default:
      return 1;
  }
}

/** The end of the next mark behind the first two characters. */
function after(text: string, mark: string): number | undefined {
  const found = text.indexOf(mark, 2);
  return found < 0 ? undefined : found + mark.length;
}

function endOfEscape(text: string): number | undefined {
  const next = text[1];
  if (next === undefined) return undefined;
  if (next === "(") return after(text, "\\)");
  if (next === "[") return after(text, "\\]");
  return /[!-/:-@[-`{-~]/.test(next) ? 2 : 1;
}

function runLength(text: string, at: number): number {
  let length = 1;
  while (text[at + length] === text[at]) length++;
  return length;
}

/** A code span ends with as many backticks as it began with. */
function endOfCode(text: string, at: number): number | undefined {
  const opening = runLength(text, at);
  if (at + opening === text.length) return undefined;
  for (let found = text.indexOf("`", at + opening); found >= 0;) {
    const length = runLength(text, found);
    // at the very end it could still grow
    if (found + length === text.length) return undefined;
    if (length === opening) return found + length;
    found = text.indexOf("`", found + length);
  }
  return undefined;
}

function endOfLink(text: string, at: number): number | undefined {
  const label = endOfBracket(text, at, "[", "]");
  if (label === undefined || label === text.length) return undefined;
  return text[label] === "(" ? endOfBracket(text, label, "(", ")") : label;
}

function endOfBracket(text: string, at: number, open: string, close: string): number | undefined {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === open) depth++;
    else if (text[index] === close && --depth === 0) return index + 1;
  }
  return undefined;
}

function endOfTag(text: string): number | undefined {
  if (/^<[!/]?$/.test(text) || text === "<!-") return undefined;
  const [tag] = TAG.exec(text) ?? [];
  if (tag === undefined) return 1;
  const end = text.indexOf(">");
  if (end >= 0 && end <= tag.length) return end + 1;
  return tag.length === text.length ? undefined : 1;
}

/** An address is known as a whole, so that the whole of it can be followed. */
function endOfAddress(text: string): number | undefined {
  const [address] = ADDRESS.exec(text) ?? [];
  if (address !== undefined) return address.length === text.length ? undefined : address.length;
  const mayBecome = ADDRESS_MARKS.some((mark) => text.length < mark.length && mark.startsWith(text));
  return mayBecome ? undefined : 1;
}
