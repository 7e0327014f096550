/** `@path` in a message. */
export interface Mention {
  /** As it stands in the message, `@` and quotation marks included. */
  readonly written: string;
  /** Paths that may be meant, the longest first. */
  readonly paths: readonly string[];
  /** It looks like a path, so that a file that is not there is a mistake; else it may be a name: `@alice`. */
  readonly mustExist: boolean;
}

const MENTION = /(?<=^|[\s（(「『])@(?:"([^"\n]+)"|(\S+))/gu;
/** What may follow a path without a space between: in Japanese anything that is no ASCII. */
const TRAILING = /[.,;:!?)\]}'"」』）、。！？]+$/u;

/** The `@path` mentions of a message; `\@` is none. */
export function mentionsIn(message: string): Mention[] {
  return Array.from(message.matchAll(MENTION), ([written, quoted, plain = ""]) => {
    if (quoted !== undefined) return { written, paths: [quoted], mustExist: true };
    const ascii = /^[\u0021-\u007E]+/.exec(plain)?.[0] ?? "";
    const paths = [plain, plain.replace(TRAILING, ""), ascii, ascii.replace(TRAILING, "")];
    return {
      written,
      paths: [...new Set(paths)].filter(Boolean),
      mustExist: /[./~]/.test(ascii.replace(TRAILING, "")),
    };
  });
}

/** The message without the signs that keep an `@` from being read: of `\\@`, which means `\@`, one is removed too. */
export function unescapeMentions(message: string): string {
  return message.replaceAll(/(?<=^|[\s（(「『])\\(\\*@)/gu, "$1");
}

/**
 * A text from elsewhere, in which no `@path` is to be read as a file of the user's: `unescapeMentions` makes the same text of it.
 * @param before the character that it is put behind
 */
export function escapeMentions(text: string, before: string): string {
  const whole = `${before}${text}`;
  return whole
    .replaceAll(/(?<=^|[\s（(「『])\\*@/gu, (mark, at: number) => (at < before.length ? mark : `\\${mark}`))
    .slice(before.length);
}
