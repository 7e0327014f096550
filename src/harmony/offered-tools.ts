import { CHANNELS } from "./format.ts";

/** The roles of the format; any other word in their place names a tool. */
export const ROLES: readonly string[] = ["system", "developer", "user", "assistant", "tool"];

/** The namespace in which gpt-oss is shown a caller's tools. */
export const NAMESPACE = "functions.";
/** Words of the format. A tool may have such a name, but without `to=` or `functions.` the word means what the format says. */
const RESERVED = new Set<string>([...ROLES, ...CHANNELS, "json", "code"]);

/** What may follow a name: perhaps a content type without a space, perhaps punctuation, then the end of the word. */
const AFTER_NAME = /(json|code)?[?:;.,!]*(?=[\s<{["(]|$)/y;
/** What can be glued to a name, spaces aside: a content type, or the channel where the markers were removed. */
const GLUED = ["", ...CHANNELS].flatMap((channel) => [`${channel}json`, `${channel}code`]);

/** An offered tool's name, found in a header. */
export interface NamedTool {
  /** `functions.` and the name. */
  readonly recipient: string;
  /** Without `functions.` if it was written so; the call has the offered name all the same. */
  readonly asWritten: string;
  /** Whether `functions.` was written too. */
  readonly hasNamespace: boolean;
  /** `json` in `get_weatherjson`. */
  readonly contentType: string | undefined;
  /** Where what follows begins. */
  readonly end: number;
}

/** The names of the tools that the caller offered. A name may be any text: with spaces, with dots, or a word of the format. */
export class OfferedTools {
  /** The longest first, so that `get weather` is found before `get`. */
  readonly names: readonly string[];
  /** The recipient, when there is only one tool. */
  readonly only: string | undefined;

  constructor(names: readonly string[]) {
    this.names = [...new Set(names)].filter((name) => /\S/.test(name)).toSorted((a, b) => b.length - a.length);
    const [name] = this.names;
    this.only = this.names.length === 1 && name !== undefined ? NAMESPACE + name : undefined;
  }

  /** The name that begins at a place in a text, and ends as a word does. */
  findAt(text: string, from: number): NamedTool | undefined {
    for (const name of this.names) {
      for (const namespace of [NAMESPACE, ""]) {
        if (!text.startsWith(namespace + name, from)) continue;
        AFTER_NAME.lastIndex = from + namespace.length + name.length;
        const after = AFTER_NAME.exec(text);
        if (after === null) continue;
        const isNamespaced = name.startsWith(NAMESPACE);
        return {
          recipient: NAMESPACE + name,
          asWritten: isNamespaced ? NAMESPACE + name : namespace + name,
          hasNamespace: isNamespaced || namespace !== "",
          contentType: after[1],
          end: AFTER_NAME.lastIndex,
        };
      }
    }
    return undefined;
  }

  /** The same for a word that no `to=` precedes, where the words of the format are not names. */
  findBareAt(text: string, from: number): NamedTool | undefined {
    const found = this.findAt(text, from);
    return found && !found.hasNamespace && RESERVED.has(found.recipient.slice(NAMESPACE.length)) ? undefined : found;
  }

  /** Whether a text may still become a name with what can be glued to it. */
  mayBecomeName(text: string): boolean {
    return this.names.some((name) =>
      [name, NAMESPACE + name].some(
        (written) => written.startsWith(text) || (text.startsWith(written) && mayBeGlued(text.slice(written.length))),
      ),
    );
  }
}

function mayBeGlued(text: string): boolean {
  const words = text.replace(/\s+/g, "");
  return GLUED.some((glued) => glued.startsWith(words));
}
