import { isHeaderLike, isNoise, mayBecomeHeader } from "./between.ts";
import { type HeaderSection, readBodilessHeader, readHeader } from "./header.ts";
import { closesAtChannel, closesAtStart } from "./implicit-end.ts";
import type { HarmonyEvent, HarmonyHeader, HarmonyMessage } from "./message.ts";
import { containsGlue, cutAtGlue, GLUE_OVERLAP, judgeStripped, readStrippedHeader } from "./stripped.ts";
import { type FoundToken, findToken, isStop, TOKENS } from "./tokens.ts";

export interface HarmonyOptions {
  /** How the prompt ended, which is where the completion begins. Default: `<|start|>assistant`. */
  readonly promptEndsWith?: string;
  /** Names of the tools that the caller knows; they decide where a content type is glued to a name. */
  readonly tools?: readonly string[];
}

/** A message under way. */
interface OpenMessage {
  readonly header: HarmonyHeader;
  content: string;
  /** Text outside of any message: markers in it are structure again. */
  readonly isLoose: boolean;
}

type State = "between" | "header" | "body" | "undecided" | "stripped-header" | "stripped-body";

/**
 * Reads one completion of gpt-oss, piece by piece, whatever the model made of the format. It never throws on text.
 * What is decided is reported at once; what could still become a control token, or is open by the rules, waits, at most until `end()`.
 */
export class HarmonyParser {
  readonly #tools: readonly string[];
  readonly #finished: HarmonyMessage[] = [];
  #events: HarmonyEvent[] = [];
  #state: State = "between";
  /** Text that is not consumed yet: the beginning of a token, or what a look ahead has to see. */
  #buffer = "";
  /** Text between messages that can still be the words of a header. */
  #pending = "";
  #sections: HeaderSection[] = [];
  #open: OpenMessage | undefined;
  #undecidedTail = "";
  #strippedChannel = "";
  #sawToken = false;

  constructor({ promptEndsWith = `${TOKENS.start}assistant`, tools = [] }: HarmonyOptions = {}) {
    this.#tools = tools;
    this.#startAfter(promptEndsWith);
  }

  /** All messages so far; the last one may still grow. */
  get messages(): readonly HarmonyMessage[] {
    const open = this.#open;
    return open === undefined
      ? [...this.#finished]
      : [...this.#finished, { ...open.header, content: open.content, ended: false }];
  }

  /** Takes the next piece of text, of any length and cut anywhere. */
  push(text: string): HarmonyEvent[] {
    this.#buffer += text;
    return this.#run(false);
  }

  /** Says that the completion is over; whatever was held back is decided now. */
  end(): HarmonyEvent[] {
    const events = this.#run(true);
    if (this.#open !== undefined) this.#endMessage(false, events);
    return events;
  }

  #run(isLast: boolean): HarmonyEvent[] {
    this.#events = [];
    while (this.#step(isLast)) {
      // each step consumes something or changes the state
    }
    return this.#events;
  }

  /** @returns whether there is more to do with what is there */
  #step(isLast: boolean): boolean {
    switch (this.#state) {
      case "body":
        return this.#readBody(isLast);
      case "header":
        return this.#readHeader(isLast);
      case "between":
        return this.#readBetween(isLast);
      case "undecided":
        return this.#readUndecided(isLast);
      case "stripped-header":
        return this.#readStrippedHeader(isLast);
      case "stripped-body":
        return this.#readStrippedBody(isLast);
    }
  }

  /** Puts the parser where the prompt left off: after `<|start|>assistant`, inside a header, or inside a body. */
  #startAfter(prompt: string): void {
    const start = prompt.lastIndexOf(TOKENS.start);
    const rest = start < 0 ? "" : prompt.slice(start + TOKENS.start.length);
    if (!rest.includes("<|")) return;
    this.#sections = [{ kind: "role", text: "" }];
    this.#state = "header";
    this.#buffer = rest;
    this.#readHeader(false);
    // what the prompt already holds of a body is not part of the completion
    if (this.#open !== undefined) this.#buffer = "";
  }

  #readBody(isLast: boolean): boolean {
    const buffer = this.#buffer;
    for (let token = findToken(buffer, 0); token !== undefined; token = findToken(buffer, token.at + 1)) {
      const verdict = this.#judgeInBody(token, isLast);
      if (verdict === "text") continue;
      this.#emit(buffer.slice(0, token.at));
      this.#buffer = buffer.slice(token.at);
      if (verdict === "wait") return false;
      this.#endMessage(true);
      this.#state = "between";
      return true;
    }
    this.#emit(buffer);
    this.#buffer = "";
    return false;
  }

  #judgeInBody({ at, name }: FoundToken, isLast: boolean): "text" | "wait" | "close" {
    if (name === undefined) return isLast ? "text" : "wait";
    if (isStop(name)) return "close";
    // text outside of messages is no body: once there is markup at all, markers in it are markers
    if (this.#open?.isLoose && this.#sawToken && (name === "channel" || name === "message")) return "close";
    if (name === "start") return closesAtStart(this.#buffer.slice(at + TOKENS.start.length, at + 256), isLast);
    if (name === "channel") return closesAtChannel(this.#buffer.slice(at + TOKENS.channel.length, at + 64), isLast);
    return "text";
  }

  #readBetween(isLast: boolean): boolean {
    const token = findToken(this.#buffer, 0);
    const textEnd = token === undefined || (token.name === undefined && isLast) ? this.#buffer.length : token.at;
    this.#pending += this.#buffer.slice(0, textEnd);
    this.#buffer = this.#buffer.slice(textEnd);
    if (token?.name !== undefined) return this.#readTokenBetween(token.name);
    if (!this.#sawToken) {
      const stripped = judgeStripped(this.#pending);
      if (stripped === "yes" || (stripped === "open" && containsGlue(this.#pending))) return this.#beginStripped();
      if (stripped === "open" && !isLast) {
        if (!beginsWithChannel(this.#pending)) return false;
        this.#undecidedTail = this.#pending.slice(-GLUE_OVERLAP);
        this.#state = "undecided";
        return false;
      }
    }
    if (isLast) return this.#releasePending();
    if (this.#pending === "" || mayBecomeHeader(this.#pending)) return false;
    this.#beginLoose();
    return this.#buffer !== "";
  }

  #readTokenBetween(name: NonNullable<FoundToken["name"]>): boolean {
    const beginsHeader = !isStop(name) && name !== "start";
    const isJunk = beginsHeader ? isHeaderLike(this.#pending) : isNoise(this.#pending);
    if (!isJunk) {
      this.#beginLoose();
      return true;
    }
    this.#sawToken = true;
    if (beginsHeader) {
      this.#sections = [{ kind: "role", text: this.#pending }];
      this.#state = "header";
    } else {
      if (name === "start") {
        this.#sections = [{ kind: "role", text: "" }];
        this.#state = "header";
      }
      this.#buffer = this.#buffer.slice(TOKENS[name].length);
    }
    this.#pending = "";
    return true;
  }

  /** At the end of the text: a header that was cut is dropped, anything else was an answer. */
  #releasePending(): boolean {
    const text = this.#pending;
    this.#pending = "";
    const isCutHeader = isHeaderLike(text) && (this.#sawToken || text.includes("to=") || text.trim() === "");
    if (text === "" || isCutHeader || (this.#sawToken && isNoise(text))) return false;
    this.#beginMessage({ role: "assistant" }, true);
    this.#emit(text);
    return false;
  }

  #beginLoose(): void {
    const text = this.#pending;
    this.#pending = "";
    this.#beginMessage({ role: "assistant" }, true);
    this.#emit(text);
  }

  #readHeader(isLast: boolean): boolean {
    const token = findToken(this.#buffer, 0);
    const textEnd = token === undefined || (token.name === undefined && isLast) ? this.#buffer.length : token.at;
    const section = this.#sections.at(-1);
    if (section) section.text += this.#buffer.slice(0, textEnd);
    this.#buffer = this.#buffer.slice(textEnd);
    const name = token?.name;
    if (name === undefined) {
      if (isLast) this.#finishHeaderAtEnd();
      return false;
    }
    this.#sawToken = true;
    if (name === "channel" || name === "constrain") this.#sections.push({ kind: name, text: "" });
    else if (name === "message") this.#beginMessage(readHeader(this.#takeSections(), this.#tools), false);
    else {
      this.#finishHeaderWithoutBody();
      this.#state = "between";
      return true;
    }
    this.#buffer = this.#buffer.slice(TOKENS[name].length);
    return true;
  }

  /** A stop or a new start came before `<|message|>`: what the header has left over is the message's text. */
  #finishHeaderWithoutBody(): void {
    const sections = this.#takeSections();
    const { header, body } = readBodilessHeader(sections, this.#tools);
    const saysNothing =
      body === "" && sections.every((section) => section.kind === "role" || section.text.trim() === "");
    if (saysNothing) return;
    this.#beginMessage(header, false);
    this.#emit(body);
    this.#endMessage(true);
  }

  /** The text ends inside a header: one that was merely cut is dropped. */
  #finishHeaderAtEnd(): void {
    const { header, body } = readBodilessHeader(this.#takeSections(), this.#tools);
    if (/^\s*[\w.+/-]*\s*$/.test(body)) return;
    this.#beginMessage(header, false);
    this.#emit(body);
  }

  #takeSections(): readonly HeaderSection[] {
    const sections = this.#sections;
    this.#sections = [];
    return sections;
  }

  /** Text that begins with a channel name and has no token yet: waits for glue, a token, or the end. */
  #readUndecided(isLast: boolean): boolean {
    const token = findToken(this.#buffer, 0);
    const textEnd = token?.at ?? this.#buffer.length;
    const text = this.#buffer.slice(0, textEnd);
    // the tail is kept apart: looking at the whole text for each piece would make long answers slow
    const overlapped = this.#undecidedTail + text;
    this.#undecidedTail = overlapped.slice(-GLUE_OVERLAP);
    this.#pending += text;
    this.#buffer = this.#buffer.slice(textEnd);
    if (containsGlue(overlapped)) return this.#beginStripped();
    if (token?.name === undefined && !isLast) return false;
    this.#state = "between";
    return true;
  }

  #beginStripped(): boolean {
    const text = this.#pending + this.#buffer;
    const [whole = "", channel = ""] = /^\s*(?:assistant)?(analysis|commentary|final)/.exec(text) ?? [];
    this.#pending = "";
    this.#strippedChannel = channel;
    this.#buffer = text.slice(whole.length);
    this.#state = "stripped-header";
    return true;
  }

  #readStrippedHeader(isLast: boolean): boolean {
    const read = readStrippedHeader(this.#strippedChannel, this.#buffer, isLast);
    if (read === undefined) return false;
    this.#buffer = read.body;
    if (isLast && read.body === "") return false;
    this.#beginMessage(read.header, false);
    this.#state = "stripped-body";
    return true;
  }

  #readStrippedBody(isLast: boolean): boolean {
    const token = findToken(this.#buffer, 0);
    const part = cutAtGlue(
      token === undefined ? this.#buffer : this.#buffer.slice(0, token.at),
      isLast || token?.name !== undefined,
    );
    this.#emit(part.before);
    this.#buffer = part.after + (token === undefined ? "" : this.#buffer.slice(token.at));
    if (part.channel !== undefined) {
      this.#endMessage(true);
      this.#strippedChannel = part.channel;
      this.#state = "stripped-header";
      return true;
    }
    if (token?.name === undefined) {
      if (isLast) this.#emit(this.#takeBuffer());
      return false;
    }
    this.#endMessage(true);
    this.#state = "between";
    return true;
  }

  #takeBuffer(): string {
    const buffer = this.#buffer;
    this.#buffer = "";
    return buffer;
  }

  #beginMessage(header: HarmonyHeader, isLoose: boolean): void {
    this.#open = { header, content: "", isLoose };
    this.#state = "body";
    this.#events.push({ type: "message-start", ...header });
  }

  #emit(text: string): void {
    if (text === "" || this.#open === undefined) return;
    this.#open.content += text;
    this.#events.push({ type: "content-delta", ...this.#open.header, text });
  }

  #endMessage(ended: boolean, events: HarmonyEvent[] = this.#events): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#finished.push({ ...open.header, content: open.content, ended });
    events.push({ type: "message-end", ...open.header, ended });
    this.#open = undefined;
  }
}

function beginsWithChannel(text: string): boolean {
  return /^\s*(?:analysis|commentary|final)/.test(text);
}

/** Reads a whole completion. Never throws. */
export function parseHarmony(text: string, options?: HarmonyOptions): HarmonyMessage[] {
  const parser = new HarmonyParser(options);
  parser.push(text);
  parser.end();
  return [...parser.messages];
}
