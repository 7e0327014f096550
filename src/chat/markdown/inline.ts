import { getDefaults, Lexer, type Token, Tokenizer, type Tokens } from "marked";
import { both, type Paint, type Style, asItIs } from "../../terminal/style.ts";

/** A run of text of one look; line breaks are in it as they are. */
export interface Span {
  readonly text: string;
  readonly paint: Paint;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" };

/**
 * Emphasis beside Japanese: CommonMark does not end `**「太字」**です` as bold, since a sign stands before the end and a letter after
 * it. Full-width signs count as letters here, as a reader of Japanese expects.
 */
class JapaneseTokenizer extends Tokenizer {
  override emStrong(source: string, masked: string, before = ""): Tokens.Em | Tokens.Strong | undefined {
    const token = super.emStrong(lettersOnly(source), lettersOnly(masked), lettersOnly(before));
    if (token === undefined) return undefined;
    const raw = source.slice(0, token.raw.length);
    const mark = token.type === "strong" ? 2 : 1;
    const text = raw.slice(mark, -mark);
    return { ...token, raw, text, tokens: this.lexer.inlineTokens(text) };
  }
}

/** Full-width signs as letters. */
export function lettersOnly(text: string): string {
  return text.replaceAll(/[\u3001-\u303F\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]/g, "あ");
}

function newLexer(): Lexer {
  return new Lexer({ ...getDefaults(), tokenizer: new JapaneseTokenizer() });
}

/** Math in TeX, which is shown unchanged: `\( … \)`, `\[ … \]`, `$$ … $$`. A backslash before it escapes it, two of them do not. */
export const MATH = /(?<=(?<!\\)(?:\\\\)*)(?:\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]|\$\$[\s\S]*?\$\$)/g;

/** Reads Markdown within a paragraph. */
export function inlineSpans(text: string, style: Style): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(MATH)) {
    spans.push(...spansOf(inlineTokensOf(text.slice(at, match.index)), asItIs, style), {
      text: match[0],
      paint: style.cyan,
    });
    at = match.index + match[0].length;
  }
  return [...spans, ...spansOf(inlineTokensOf(text.slice(at)), asItIs, style)];
}

/** What marked reads in a text within a paragraph. */
export function inlineTokensOf(text: string): Token[] {
  return text === "" ? [] : newLexer().inlineTokens(text);
}

/** What tokens of marked look like; `paint` is the look of what they stand in. */
export function spansOf(tokens: readonly Token[], paint: Paint, style: Style): Span[] {
  return tokens.flatMap((token) => spansOfToken(token, paint, style));
}

function spansOfToken(token: Token, paint: Paint, style: Style): Span[] {
  const children = "tokens" in token ? token.tokens : undefined;
  const inner = (own: Paint) => spansOf(children ?? [], both(own, paint), style);
  switch (token.type) {
    case "strong":
      return inner(style.bold);
    case "em":
      return inner(style.italic);
    case "del":
      return inner(style.strike);
    case "codespan":
      return [{ text: unescaped((token as Tokens.Codespan).text), paint: both(style.cyan, paint) }];
    case "link":
      return linkSpans(token as Tokens.Link, paint, style);
    case "image":
      return [{ text: `[${(token as Tokens.Image).text}] (${(token as Tokens.Image).href})`, paint }];
    case "br":
      return [{ text: "\n", paint }];
    case "html":
      return [{ text: /^<br\s*\/?>$/i.test(token.raw) ? "\n" : token.raw, paint }];
    default:
      return children === undefined
        ? [{ text: unescaped("text" in token ? (token as Tokens.Text).text : token.raw), paint }]
        : inner(asItIs);
  }
}

/** The text of a link, and its address where that can't or must not hide behind the text. */
function linkSpans(token: Tokens.Link, paint: Paint, style: Style): Span[] {
  const canClick = style.canLink && CLICKABLE.test(token.href);
  const look = both(canClick ? style.link(token.href) : asItIs, both(style.underline, paint));
  const text = spansOf(token.tokens, look, style);
  const isBare = token.href.replace(/^(mailto:|https?:\/\/)/, "") === token.text.replace(/^https?:\/\//, "");
  const isPlain = canClick && !LIKE_ADDRESS.test(token.text);
  return isPlain || isBare ? text : [...text, { text: ` (${token.href})`, paint: both(style.dim, paint) }];
}

/** Other schemes start programs, or open files. */
const CLICKABLE = /^(https?:\/\/|mailto:)/i;
/** A text that a reader would take for where the link leads. */
const LIKE_ADDRESS = /:\/\/|[\p{L}\p{N}-]\.[\p{L}]{2}|@/u;

function unescaped(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** A table's header and rows as marked reads them, or undefined when the lines are none. */
export function tableIn(source: string): Tokens.Table | undefined {
  const token = newLexer()
    .lex(source)
    .find(({ type }) => type === "table");
  return token as Tokens.Table | undefined;
}

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
/** Something of Markdown in a line, as marked reads it. */
export interface FoundToken {
  readonly token: Token;
  /** Where it ends. */
  readonly end: number;
}

/** What marked finds in a line that is not plain text, by where it begins. */
export function markedTokens(text: string): ReadonlyMap<number, FoundToken> {
  const found = new Map<number, FoundToken>();
  let at = 0;
  const read = (to: number) => {
    for (const token of inlineTokensOf(text.slice(at, to))) {
      if (token.type !== "text") found.set(at, { token, end: at + token.raw.length });
      at += token.raw.length;
    }
  };
  // math stands between texts of their own
  for (const match of text.matchAll(MATH)) {
    read(match.index);
    at = match.index + match[0].length;
  }
  read(text.length);
  return found;
}

/**
 * Whether a run of `*`, `_` or `~` may open emphasis, by CommonMark's rule for left-flanking runs: false when it never will, undefined
 * while the character after it is unknown.
 * @param before the character before the run
 */
export function canOpenEmphasis(text: string, at: number, before: string): boolean | undefined {
  const sign = text[at] ?? "";
  let end = at + 1;
  while (text[end] === sign) end++;
  const code = text.codePointAt(end);
  if (code === undefined) return undefined;
  const next = lettersOnly(String.fromCodePoint(code));
  const previous = lettersOnly(before);
  if (SPACE.test(next)) return false;
  if (sign === "_" && LETTER_OR_DIGIT.test(previous)) return false;
  const isAfterWord = previous !== "" && !SPACE.test(previous) && !PUNCTUATION.test(previous);
  // marked does not treat a tilde beside emphasis as a marker
  return sign === "~" || !(PUNCTUATION.test(next) && next !== "~" && isAfterWord);
}
