import { readChannel } from "./channels.ts";
import { ROLES } from "./words.ts";

/** A header taken apart; who claims the leftover words is decided later. */
export interface HeaderParts {
  readonly role: string;
  readonly name: string | undefined;
  readonly channel: string | undefined;
  readonly recipient: string | undefined;
  readonly contentType: string | undefined;
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

export function dissectHeader(text: string): HeaderParts {
  const [roleText = "", ...pieces] = text.split(/<\|(channel|constrain)\|>/);
  const draft: Draft = {
    role: ASSISTANT,
    name: undefined,
    channel: undefined,
    recipient: undefined,
    contentType: undefined,
    leftover: [],
    tail: "",
  };
  readRoleSection(draft, roleText);
  const sections = sectionsOf(pieces);
  const chosen = chooseChannel(sections);
  const last = sections.findLast(({ marker }) => marker === "channel");
  for (const section of sections) {
    if (section.marker === "constrain") readConstrainSection(draft, section.text);
    else readChannelSection(draft, section.text, { isChosen: section === chosen, isLast: section === last });
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

/** The last channel that is known; without one, the last that is named at all. */
function chooseChannel(sections: readonly Section[]): Section | undefined {
  const channels = sections.filter(({ marker, text }) => marker === "channel" && /\S/.test(text));
  return channels.findLast(({ text }) => readChannel(text).isKnown) ?? channels.at(-1);
}

function readRoleSection(draft: Draft, text: string): void {
  let rest = text.trimStart();
  if (rest.startsWith(ASSISTANT)) {
    // it is often there twice: the prompt's own, and one that the model or a client repeats
    while (rest.startsWith(ASSISTANT)) rest = rest.slice(ASSISTANT.length).trimStart();
    rest = readName(draft, rest);
  } else {
    rest = readAuthor(draft, rest, text);
  }
  // a channel's name can stand in the place of the role, or glued to it
  const channel = readChannel(rest);
  if (channel.isKnown) {
    draft.channel = channel.name;
    rest = readGluedType(draft, channel.rest);
  }
  readWords(draft, rest, true);
}

/** `assistant:name`. */
function readName(draft: Draft, rest: string): string {
  const [whole, name] = /^:([^\s<]+)/.exec(rest) ?? [];
  if (whole === undefined) return rest;
  draft.name = name;
  return rest.slice(whole.length);
}

/** A role other than the assistant's, or the name of the tool that speaks; nothing when the role is missing. */
function readAuthor(draft: Draft, rest: string, section: string): string {
  const word = /^\S*/.exec(rest)?.[0] ?? "";
  const isToolResult = /\sto=assistant(?:\s|$)/.test(section);
  if (word === "" || word.startsWith("to=") || (!isToolResult && isNoAuthor(word))) return rest;
  const colon = word.indexOf(":");
  const role = colon < 0 ? word : word.slice(0, colon);
  if (ROLES.includes(role)) {
    draft.role = role;
    if (colon >= 0 && colon + 1 < word.length) draft.name = word.slice(colon + 1);
  } else {
    draft.role = "tool";
    draft.name = word;
  }
  return rest.slice(word.length);
}

/** A channel or a content type where the role should be. */
function isNoAuthor(word: string): boolean {
  const channel = readChannel(word);
  return /^(?:json|code)$/.test(word) || (channel.isKnown && !/^[_.:-]\w/.test(channel.rest));
}

function readChannelSection(
  draft: Draft,
  text: string,
  { isChosen, isLast }: { readonly isChosen: boolean; readonly isLast: boolean },
): void {
  const channel = readChannel(text);
  if (isChosen && channel.name !== "") draft.channel = channel.name;
  const rest = channel.isKnown && isChosen ? readGluedType(draft, channel.rest) : channel.rest;
  // what is glued to a name is no word of its own; without a `<|message|>` it is where the body begins
  const junk = channel.isKnown ? (/^(?!to=)[^\s<]*/.exec(rest)?.[0] ?? "") : "";
  const words = rest.slice(junk.length);
  // of a superseded channel the assistant itself is no recipient
  readWords(draft, isLast ? words : words.replace(/(?<=^|\s)to=assistant(?!\S)/g, ""), isChosen);
  draft.tail = isChosen || channel.isKnown ? junk + draft.tail : text;
}

/** `finaljson`. */
function readGluedType(draft: Draft, rest: string): string {
  const type = GLUED_TYPE.exec(rest)?.[1];
  if (type === undefined) return rest;
  draft.contentType = type;
  return rest.slice(type.length);
}

function readConstrainSection(draft: Draft, text: string): void {
  const [whole, type] = CONTENT_TYPE.exec(text) ?? [];
  const isType = type !== undefined && !text.trimStart().startsWith("to=");
  if (isType) draft.contentType = type;
  readWords(draft, isType ? text.slice(whole?.length) : text, false);
}

/** Recipients, and words that nobody claims yet; the tail is what stands after the last recipient. */
function readWords(draft: Draft, text: string, keepsLeftover: boolean): void {
  draft.tail = text;
  for (const match of text.matchAll(/\S+/g)) {
    const word = match[0];
    if (word.startsWith("to=")) {
      const [whole = "", quoted, recipient = quoted ?? ""] = RECIPIENT.exec(word) ?? [];
      if (recipient !== "" && !(recipient === ASSISTANT && draft.recipient !== undefined)) draft.recipient = recipient;
      draft.tail = text.slice(match.index + whole.length);
    } else if (keepsLeftover) {
      draft.leftover.push(word);
    }
  }
}
