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

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
