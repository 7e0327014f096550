import type { HarmonyHeader } from "./message.ts";

/** A piece of a header: what stands before the first channel marker, after a channel marker, or after a constrain marker. */
export interface HeaderSection {
  readonly kind: "role" | "channel" | "constrain";
  text: string;
}

const ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);
/** A word that names a tool even without `to=`. */
const TOOL_WORD = /^(?:(?:functions|browser|container)\.\S+|python)$/;
const PLAIN_WORD = /^[A-Za-z][\w.+/-]*$/;
/** "assistant", however often, also glued to what follows. */
const ASSISTANTS = /^(?:assistant\s*(?=$|\s|assistant|analysis|commentary|final|to=))+/;

/** Reads a finished header (a body follows), whatever the model made of it. */
export function readHeader(sections: readonly HeaderSection[], tools: readonly string[] = []): HarmonyHeader {
  return new HeaderReader(sections, tools).header();
}

/** Reads a header that no `<|message|>` ended: what follows its channel, recipient and content type is the body. */
export function readBodilessHeader(
  sections: readonly HeaderSection[],
  tools: readonly string[] = [],
): { readonly header: HarmonyHeader; readonly body: string } {
  const reader = new HeaderReader(sections, tools);
  const body = reader.takeBody();
  return { header: reader.header(), body };
}

/** Known channel names at the beginning of a word: the last of several that run together counts. */
function readChannel(text: string): { readonly name: string; readonly known: boolean; readonly rest: string } {
  const known = /^[^\w<]*((?:analysis|commentary|final)+)/.exec(text);
  if (known?.[1] !== undefined) {
    const name = /(?:analysis|commentary|final)$/.exec(known[1])?.[0] ?? known[1];
    return { name, known: true, rest: text.slice(known[0].length) };
  }
  const [whole, name = ""] = /^\s*([^\s<]*)/.exec(text) ?? [""];
  return { name, known: false, rest: text.slice(whole.length) };
}

class HeaderReader {
  readonly #tools: readonly string[];
  #role = "assistant";
  #name: string | undefined;
  #channel: string | undefined;
  #recipient: string | undefined;
  #contentType: string | undefined;
  readonly #leftover: string[] = [];
  /** What follows the last thing that was understood, with its spaces: the body if no `<|message|>` comes. */
  #tail = "";

  constructor(sections: readonly HeaderSection[], tools: readonly string[]) {
    this.#tools = tools;
    const channels = sections.filter((section) => section.kind === "channel");
    const chosen = channels.findLast((section) => readChannel(section.text).known) ?? channels.at(-1);
    for (const section of sections) {
      if (section.kind === "role") this.#readRole(section.text);
      else if (section.kind === "constrain") this.#readConstrain(section.text);
      else this.#readChannelSection(section, section === chosen);
    }
  }

  #readRole(text: string): void {
    let rest = text.trimStart();
    const repeated = ASSISTANTS.exec(rest);
    if (repeated) rest = rest.slice(repeated[0].length);
    else {
      const word = /^[^\s]*/.exec(rest)?.[0] ?? "";
      if (word !== "" && !word.startsWith("to=") && !readChannel(word).known && !PLAIN_TYPES.has(word)) {
        const [role = "", name] = word.split(/:(.*)/s);
        this.#role = ROLES.has(role) ? role : "tool";
        const speaker = ROLES.has(role) ? name : word;
        if (speaker) this.#name = speaker;
        rest = rest.slice(word.length);
      }
    }
    const channel = readChannel(rest);
    if (channel.known) {
      this.#channel = channel.name;
      rest = channel.rest;
    }
    this.#readWords(rest, true);
  }

  #readChannelSection({ text }: HeaderSection, isChosen: boolean): void {
    const channel = readChannel(text);
    if (isChosen) this.#channel = channel.name || undefined;
    // a section that another one follows loses everything but its recipient, and that too if it is the assistant itself
    if (!isChosen && /(?:^|\s)to=assistant(?:\s|$)/.test(channel.rest)) return;
    const glued = /^(json|code)(?=\W|$)/.exec(channel.rest)?.[1];
    if (isChosen && channel.known && glued !== undefined) {
      this.#contentType ??= glued;
      this.#readWords(channel.rest.slice(glued.length), isChosen);
      return;
    }
    // junk glued to a known name is no word of its own; without a message it is where the body begins
    const junk = channel.known ? (/^(?!to=)[^\s<]*/.exec(channel.rest)?.[0] ?? "") : "";
    this.#readWords(channel.rest.slice(junk.length), isChosen);
    this.#tail = isChosen || channel.known ? junk + this.#tail : text;
  }

  #readConstrain(text: string): void {
    const [whole, word] = /^\s*([\w.+/-]+)?/.exec(text) ?? [""];
    if (word !== undefined && !/^to$/.test(word)) {
      this.#contentType = word;
      this.#readWords(text.slice(whole.length), false);
    } else {
      this.#readWords(text, false);
    }
  }

  /** Recipients, and words that nobody claims yet; the tail is what stands after the last recipient and content type. */
  #readWords(text: string, keepsLeftover: boolean): void {
    let tail = text;
    for (const match of text.matchAll(/(?:^|(?<=\s))to=([^\s<{[(]*)/g)) {
      this.#recipient = match[1] || this.#recipient;
      tail = text.slice(match.index + match[0].length);
    }
    const words = text.split(/\s+/).filter((word) => word !== "" && !word.startsWith("to="));
    if (keepsLeftover) this.#leftover.push(...words);
    this.#tail = tail;
  }

  /** Takes the body off a header without `<|message|>`; a content type is only believed where it can be nothing else. */
  takeBody(): string {
    const typed = this.#contentType === undefined ? /^\s*(json|code)(?=[\s{[]|$)/.exec(this.#tail) : null;
    if (typed?.[1] !== undefined) {
      this.#contentType = typed[1];
      this.#tail = this.#tail.slice(typed[0].length);
    }
    this.#leftover.length = 0;
    return this.#tail.trimStart();
  }

  header(): HarmonyHeader {
    this.#claimLeftover();
    this.#unglueContentType();
    return {
      role: this.#role,
      ...(this.#name !== undefined && { name: this.#name }),
      ...(this.#channel !== undefined && { channel: this.#channel }),
      ...(this.#recipient !== undefined && { recipient: this.#recipient }),
      ...(this.#contentType !== undefined && { contentType: this.#contentType }),
    };
  }

  #claimLeftover(): void {
    if (this.#recipient === undefined) this.#recipient = this.#leftover.find((word) => TOOL_WORD.test(word));
    this.#contentType ??= this.#leftover.find(
      (word) => PLAIN_WORD.test(word) && word !== this.#recipient && !ROLES.has(word),
    );
  }

  /** `to=functions.shelljson`: undone only where the caller's tools show that it is glued. */
  #unglueContentType(): void {
    const recipient = this.#recipient;
    if (recipient === undefined || this.#knows(recipient)) return;
    const [, tool, type] = /^(.+?)(json|code)$/.exec(recipient) ?? [];
    if (tool === undefined || !this.#knows(tool)) return;
    this.#recipient = tool;
    this.#contentType ??= type;
  }

  #knows(recipient: string): boolean {
    return this.#tools.includes(recipient) || this.#tools.includes(recipient.replace(/^functions\./, ""));
  }
}

const PLAIN_TYPES = new Set(["json", "code"]);
