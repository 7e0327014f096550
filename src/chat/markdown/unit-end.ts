const ADDRESS = /^(?:https?:\/\/|www\.)[!-~]*/;
const ADDRESS_MARKS = ["https://", "http://", "www."];
const TAG = /^<(?:\/?[a-z][^<>\n]{0,200}|!--)/i;
const ENTITY = /^&(?:#\d{1,6}|#x[\da-f]{1,6}|[a-z]\w{1,8});/i;
const ENTITY_BEGINNING = /^&[#\w]{0,10}$/;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * How long the thing of Markdown at the beginning of a text is, 1 when it is a plain character, undefined while it is open. An answer
 * stays the same however the text goes on.
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
    case "*":
    case "_":
    case "~":
      return endOfEmphasis(text, 0, before);
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

function endOfEmphasis(text: string, at: number, before: string): number | undefined {
  const sign = text[at] ?? "";
  const opening = runLength(text, at);
  const next = text[at + opening];
  if (next === undefined) return undefined;
  const isInsideWord = sign === "_" && LETTER_OR_DIGIT.test(before);
  // not more than one sign at once: what follows may open something of its own
  if (/\s/.test(next) || isInsideWord) return at + 1;
  for (let from = at + opening; from < text.length;) {
    const character = text[from];
    if (character === "\\") from += 2;
    else if (character === "`" || character === sign) {
      const end = character === sign ? closeOrSkip(text, from, opening) : { at: endOfCode(text, from), closes: false };
      if (end.at === undefined || end.closes) return end.at;
      from = end.at;
    } else from++;
  }
  return undefined;
}

/** A run of the same sign inside an emphasis: its end, or another emphasis within it. */
function closeOrSkip(text: string, from: number, opening: number): { at: number | undefined; closes: boolean } {
  const length = runLength(text, from);
  const [previous = " ", next] = [text[from - 1], text[from + length]];
  if (next === undefined) return { at: undefined, closes: false };
  const isWordInside = text[from] === "_" && LETTER_OR_DIGIT.test(next);
  if (!/\s/.test(previous) && length >= opening && !isWordInside) return { at: from + length, closes: true };
  if (/\s/.test(previous) && !/\s/.test(next)) return { at: endOfEmphasis(text, from, previous), closes: false };
  return { at: from + length, closes: false };
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
