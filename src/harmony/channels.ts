/** The channels that gpt-oss is taught. */
export const CHANNELS = ["analysis", "commentary", "final"] as const;

export interface ReadChannel {
  readonly name: string;
  /** Whether it is one of the format's. */
  readonly isKnown: boolean;
  /** What follows the name; junk that is glued to a known one included. */
  readonly rest: string;
}

/** What can stand before a name: signs, and the role, repeated and glued to it. */
const JUNK = /^[^\w<]*(?:assistant(?=analysis|commentary|final))?/;
/** A word that is no recipient. */
const UNKNOWN = /^\s*((?!to=)[^\s<]*)/;

/**
 * Reads a channel's name off a text. A known name counts though junk stands before or behind it (`––commentary`, `finalx`); of
 * several that run together (`commentaryanalysis`) the last.
 */
export function readChannel(text: string): ReadChannel {
  let at = JUNK.exec(text)?.[0].length ?? 0;
  let name: string | undefined;
  for (let next = channelAt(text, at); next !== undefined; next = channelAt(text, at)) {
    name = next;
    at += next.length;
  }
  if (name !== undefined) return { name, isKnown: true, rest: text.slice(at) };
  const [whole = "", unknown = ""] = UNKNOWN.exec(text) ?? [];
  return { name: unknown, isKnown: false, rest: text.slice(whole.length) };
}

function channelAt(text: string, at: number): string | undefined {
  return CHANNELS.find((name) => text.startsWith(name, at));
}
