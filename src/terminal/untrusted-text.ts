/** Control characters but tab and line feed, and what turns the direction of writing: they move a terminal's cursor or hide text. */
export const CONTROLS = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Text of unknown origin as a person may safely see it: what would steer the terminal or hide becomes `\u{…}`. */
export function showableText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(CONTROLS, escapeCharacter);
}

/** The same for a name or an argument that has to stay on one line. */
export function showableLine(text: string): string {
  return showableText(text).replaceAll(/[\n\t\u2028\u2029]/g, escapeCharacter);
}

/** One emoji may need a selector or joiners; anywhere else they are seen by nobody. */
const EMOJI = /\p{Extended_Pictographic}\uFE0F?(?:\p{EMod})?(?:\u200D\p{Extended_Pictographic}\uFE0F?(?:\p{EMod})?)*/u;
/** What takes no room, looks like an ordinary space, or has no shape of its own; the wide space of Japanese is seen as one. */
const UNSEEN =
  /(?![\n\t])[\p{C}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\u2800]|(?![ \u3000])\p{Zs}/u;
/** More marks on one character cover the lines around it. */
const MARKS = /(?<=\p{M}{6})\p{M}/u;
const EMOJI_OR_UNSEEN = new RegExp(`(?<emoji>${EMOJI.source})|${UNSEEN.source}|${MARKS.source}`, "gu");

/**
 * Text of unknown origin for somebody who decides by it: nothing is hidden. Besides what `showableText` shows, what nobody sees is
 * shown too (zero-width characters, tags, variation selectors, unusual spaces, floods of marks), and carriage returns.
 */
export function revealText(text: string): string {
  return text.replaceAll(EMOJI_OR_UNSEEN, (found, emoji: string | undefined) => emoji ?? escapeCharacter(found));
}

/** The same for what has to stay on one line. */
export function revealLine(text: string): string {
  return revealText(text).replaceAll(/[\n\t]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
