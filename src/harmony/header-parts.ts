import { readChannel } from "./format.ts";
import { type NamedTool, type OfferedTools, ROLES } from "./offered-tools.ts";

/** A header taken apart; who claims the leftover words is decided later. */
export interface HeaderParts {
  readonly role: string;
  readonly name: string | undefined;
  readonly channel: string | undefined;
  readonly recipient: string | undefined;
  readonly contentType: string | undefined;
  /** A content type that is glued to a tool's name. */
  readonly gluedType: string | undefined;
  /** An offered tool that is named without `to=`: as a channel, as the role, or as a word. */
  readonly offered: string | undefined;
  /** Words that nothing has claimed, without superseded sections. */
  readonly leftover: readonly string[];
  /** What follows the last thing that was understood, with its spaces. */
  readonly tail: string;
}

type Draft = { -readonly [Part in keyof HeaderParts]: HeaderParts[Part] } & { leftover: string[] };

/** A channel marker or a constrain marker, with what follows it. */
interface Section {
  readonly marker: string;
  readonly text: string;
}

const ASSISTANT = "assistant";
const CONTENT_TYPE = /^\s*([\w.+/-]+)/;
/** Perhaps in quotes; a body can be glued to it. */
const RECIPIENT = /^to=(?:"([^<{[("]+)"|([^<{[("]*))/;
const GLUED_TYPE = /^(json|code)(?!\w)/;
/** A tool's name in the place of a channel, whether anyone offered that tool or not. */
const NAMESPACED = /^\s*(functions\.[^\s<{["(]+)/;

/** Finds the names of offered tools in a header. */
type FindTool = (text: string, from: number) => NamedTool | undefined;

/**
 * @param words whether a tool can be named without `to=`; a header is read both ways while its body has not told which is right
 */
export function dissectHeader(text: string, tools: OfferedTools, words: "tools" | "plain"): HeaderParts {
  const [roleText = "", ...pieces] = text.split(/<\|(channel|constrain)\|>/);
  const draft: Draft = {
    role: ASSISTANT,
    name: undefined,
    channel: undefined,
    recipient: undefined,
    contentType: undefined,
    gluedType: undefined,
    offered: undefined,
    leftover: [],
    tail: "",
  };
  const reader = new SectionReader(draft, tools, words);
  reader.readRole(roleText);
  const sections = sectionsOf(pieces);
  const chosen = chooseChannel(sections, reader.findBare);
  const last = sections.findLast(({ marker }) => marker === "channel");
  for (const section of sections) {
    if (section.marker === "constrain") reader.readConstrain(section.text);
    else reader.readChannel(section.text, { isChosen: section === chosen, isLast: section === last });
  }
  return draft;
}

function sectionsOf(pieces: readonly string[]): Section[] {
  const sections: Section[] = [];
  for (let index = 0; index + 1 < pieces.length; index += 2) {
    sections.push({ marker: pieces[index] ?? "", text: pieces[index + 1] ?? "" });
  }
  return sections;
}

/** The last channel that is known; without one, the last that is named at all. A tool's name is not a channel. */
function chooseChannel(sections: readonly Section[], findBare: FindTool): Section | undefined {
  const channels = sections.filter(
    ({ marker, text }) =>
      marker === "channel" && /\S/.test(text) && !findBare(text, spacesBefore(text)) && !NAMESPACED.test(text),
  );
  return channels.findLast(({ text }) => readChannel(text).isKnown) ?? channels.at(-1);
}

function spacesBefore(text: string): number {
  return text.length - text.trimStart().length;
}

/** Reads the sections of a header one after the other. */
class SectionReader {
  readonly #draft: Draft;
  readonly #tools: OfferedTools;
  readonly #words: "tools" | "plain";

  constructor(draft: Draft, tools: OfferedTools, words: "tools" | "plain") {
    this.#draft = draft;
    this.#tools = tools;
    this.#words = words;
  }

  readonly findBare: FindTool = (text, from) =>
    this.#words === "tools" ? this.#tools.findBareAt(text, from) : undefined;

  readRole(text: string): void {
    let rest = text.trimStart();
    const isResult = /\sto=assistant(?:\s|$)/.test(text);
    const author = isResult ? undefined : this.findBare(rest, 0);
    if (author !== undefined) {
      rest = this.#claim(author, rest);
    } else if (rest.startsWith(ASSISTANT) && !(isResult && this.#tools.findBareAt(rest, 0))) {
      // it is often there twice: the prompt's own, and one that the model or a client repeats
      while (rest.startsWith(ASSISTANT)) rest = rest.slice(ASSISTANT.length).trimStart();
      rest = readName(this.#draft, rest);
    } else {
      rest = this.#readAuthor(rest, isResult);
    }
    // a channel's name can stand in the place of the role, or glued to it
    const channel = readChannel(rest);
    if (channel.isKnown && !this.findBare(rest, spacesBefore(rest))) {
      this.#draft.channel = channel.name;
      rest = readGluedType(this.#draft, channel.rest);
    }
    this.#readWords(rest, true);
  }

  /** A role other than the assistant's, or the name of the tool that speaks; nothing when the role is missing. */
  #readAuthor(rest: string, isResult: boolean): string {
    const named = isResult ? this.#tools.findAt(rest, 0) : undefined;
    const word = named === undefined ? (/^\S*/.exec(rest)?.[0] ?? "") : rest.slice(0, named.end);
    if (word === "" || word.startsWith("to=") || (!isResult && isNoAuthor(word))) return rest;
    const colon = word.indexOf(":");
    const role = colon < 0 ? word : word.slice(0, colon);
    if (ROLES.includes(role)) {
      this.#draft.role = role;
      if (colon >= 0 && colon + 1 < word.length) this.#draft.name = word.slice(colon + 1);
    } else {
      this.#draft.role = "tool";
      this.#draft.name = word;
    }
    return rest.slice(word.length);
  }

  readChannel(text: string, { isChosen, isLast }: { readonly isChosen: boolean; readonly isLast: boolean }): void {
    const named = this.findBare(text, spacesBefore(text));
    const [namespaced, unknown] = named === undefined ? (NAMESPACED.exec(text) ?? []) : [];
    if (named !== undefined || namespaced !== undefined) {
      if (named !== undefined) this.#claim(named, text);
      if (named === undefined || named.hasNamespace) this.#draft.recipient ??= named?.recipient ?? unknown;
      this.#readWords(text.slice(named?.end ?? namespaced?.length), true);
      return;
    }
    const channel = readChannel(text);
    if (isChosen && channel.name !== "") this.#draft.channel = channel.name;
    const rest = channel.isKnown && isChosen ? readGluedType(this.#draft, channel.rest) : channel.rest;
    // text glued to a name is not a word of its own; without `<|message|>`, the body begins there
    const isGlued = channel.isKnown && !this.findBare(rest, 0);
    const junk = isGlued ? (/^(?!to=)[^\s<]*/.exec(rest)?.[0] ?? "") : "";
    const words = rest.slice(junk.length);
    // in a superseded channel, the assistant itself is not a recipient
    this.#readWords(isLast ? words : words.replace(/(?<=^|\s)to=assistant(?!\S)/g, ""), isChosen);
    if (!isChosen && !channel.isKnown) this.#draft.tail = text;
    // nothing behind it was understood, so that it all belongs together
    else if (this.#draft.tail.length === words.length) this.#draft.tail = rest;
  }

  readConstrain(text: string): void {
    const named = this.#draft.recipient === undefined ? this.findBare(text, spacesBefore(text)) : undefined;
    if (named !== undefined) {
      this.#readWords(this.#claim(named, text), false);
      return;
    }
    const [whole, type] = CONTENT_TYPE.exec(text) ?? [];
    const isType = type !== undefined && !text.trimStart().startsWith("to=");
    if (isType) this.#draft.contentType = type;
    this.#readWords(isType ? text.slice(whole?.length) : text, false);
  }

  /** Recipients, names of tools, and words that nobody claims yet; the tail is what follows the last that was understood. */
  #readWords(text: string, keepsLeftover: boolean): void {
    const draft = this.#draft;
    draft.tail = text;
    let isTail = true;
    for (let at = nextWordAt(text, 0); at < text.length; at = nextWordAt(text, at)) {
      const named = text.startsWith("to=", at) ? undefined : this.findBare(text, at);
      if (text.startsWith("to=", at)) {
        at = this.#readRecipient(text, at);
        isTail = true;
      } else if (named !== undefined) {
        this.#claim(named, text);
        if (named.hasNamespace && keepsLeftover) draft.recipient ??= named.recipient;
        at = named.end;
      } else {
        const word = wordAt(text, at);
        if (keepsLeftover) draft.leftover.push(word);
        at += word.length;
        isTail = false;
      }
      if (isTail) draft.tail = text.slice(at);
    }
  }

  /** @returns where what follows begins */
  #readRecipient(text: string, at: number): number {
    const draft = this.#draft;
    const from = at + "to=".length;
    const quote = text.charAt(from) === '"' ? 1 : 0;
    const named = this.#tools.findAt(text, from + quote);
    if (named !== undefined) {
      draft.recipient = named.asWritten;
      draft.gluedType = named.contentType;
      return named.end + (quote > 0 && text.charAt(named.end) === '"' ? 1 : 0);
    }
    const word = wordAt(text, at);
    const [whole = "", quoted, recipient = quoted ?? ""] = RECIPIENT.exec(word) ?? [];
    if (recipient !== "" && !(recipient === ASSISTANT && draft.recipient !== undefined)) draft.recipient = recipient;
    return at + whole.length;
  }

  /** @returns what follows the name */
  #claim({ recipient, contentType, end }: NamedTool, text: string): string {
    this.#draft.offered = recipient;
    this.#draft.gluedType ??= contentType;
    return text.slice(end);
  }
}

const SPACES = /\s*/y;
const WORD = /\S*/y;

function nextWordAt(text: string, at: number): number {
  SPACES.lastIndex = at;
  SPACES.exec(text);
  return SPACES.lastIndex;
}

function wordAt(text: string, at: number): string {
  WORD.lastIndex = at;
  return WORD.exec(text)?.[0] ?? "";
}

/** `assistant:name`. */
function readName(draft: Draft, rest: string): string {
  const [whole, name] = /^:([^\s<]+)/.exec(rest) ?? [];
  if (whole === undefined) return rest;
  draft.name = name;
  return rest.slice(whole.length);
}

/** A channel or a content type where the role should be. */
function isNoAuthor(word: string): boolean {
  const channel = readChannel(word);
  return /^(?:json|code)$/.test(word) || (channel.isKnown && !/^[_.:-]\w/.test(channel.rest));
}

/** `finaljson`. */
function readGluedType(draft: Draft, rest: string): string {
  const type = GLUED_TYPE.exec(rest)?.[1];
  if (type === undefined) return rest;
  draft.contentType = type;
  return rest.slice(type.length);
}
