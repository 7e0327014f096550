import { findToken, type FoundToken, isStop, partialTokenAt } from "./format.ts";
import {
  type HeaderEnd,
  readBodilessMessage,
  readHeader,
  isChannelWord,
  isCutHeader,
  isHeaderLike,
  isJunk,
  isNoise,
  mayBecomeHeader,
  namesOfferedTool,
} from "./header.ts";
import { judgeChannel, judgeStart, LOOK_AHEAD, type Verdict } from "./implicit-end.ts";
import { OfferedTools } from "./offered-tools.ts";
import {
  cutFirstChannel,
  findGlue,
  undecidedFrom,
  LONGEST_ADDRESS,
  readStrippedHeader,
  endOfGlueSearch,
  hasGlue,
  judgeStripped,
} from "./stripped.ts";
import { Transcript } from "./transcript.ts";

/**
 * opening: nothing but words so far. undecided: words that may turn out to be stripped harmony. between: after a message.
 * header: up to `<|message|>`. body: inside a message. loose: text outside of any message, which is shown.
 * stripped-…: in text whose control tokens someone has removed.
 */
type State = "opening" | "undecided" | "between" | "header" | "body" | "loose" | "stripped-header" | "stripped-body";

/** Where a completion is being read: what the readers of the states share. */
export class Reading {
  readonly transcript = new Transcript();
  readonly tools: OfferedTools;
  state: State = "opening";
  /** Text that has not been read yet begins at `at`. */
  text = "";
  at = 0;
  /** The words of a header, or of what may become one. */
  words = "";
  /** The prompt's part of the first header. */
  promptWords = "";
  /** A channel's name that stood alone before `<|end|>`: the answer, if nothing else turns out to be one. */
  loneWord = "";
  /** Whether a control token has been taken for one. */
  sawToken = false;
  /** The end of undecided text, in which glue may begin. */
  glueTail = "";
  /** The channel that a stripped message's name said. */
  strippedChannel = "";

  constructor(tools: readonly string[]) {
    this.tools = new OfferedTools(tools);
  }

  /** Moves to `to` and gives what lies between. */
  take(to: number): string {
    const text = this.text.slice(this.at, to);
    this.at = to;
    return text;
  }

  /** Forgets what has been read. */
  compact(): void {
    this.text = this.text.slice(this.at);
    this.at = 0;
  }
}

/** Reads a message's body, or text outside of any message, up to what ends it. */
export function readText(reading: Reading, isLast: boolean): boolean {
  const { text, transcript } = reading;
  let token = findToken(text, reading.at);
  for (; token !== undefined; token = findToken(text, token.end)) {
    const verdict = judgeToken(reading, token, isLast);
    if (verdict === "text") continue;
    transcript.append(reading.take(token.at));
    if (verdict === "close") endText(reading, token);
    return verdict === "close";
  }
  transcript.append(reading.take(isLast ? text.length : partialTokenAt(text, reading.at)));
  return false;
}

function judgeToken({ state, sawToken, text, tools }: Reading, { name, end }: FoundToken, isLast: boolean): Verdict {
  if (isStop(name)) return "close";
  // outside of messages markers are markers; only an answer without any markup may be one that mentions them
  if (state === "loose" && (sawToken || name === "message")) return "close";
  if (name === "start") return judgeStart(text.slice(end, end + LOOK_AHEAD), isLast, tools);
  return name === "channel" ? judgeChannel(text.slice(end, end + LOOK_AHEAD), isLast, tools) : "text";
}

/** A stop is part of the message that it ends; any other token is left for what it begins. */
export function endText(reading: Reading, { name, end }: FoundToken): void {
  reading.transcript.end(isStop(name) ? name : undefined);
  if (isStop(name)) reading.at = end;
  reading.sawToken = true;
  reading.words = "";
  reading.state = "between";
}

/** Collects a header up to its `<|message|>`. */
export function readHeaderWords(reading: Reading, isLast: boolean): boolean {
  const { text } = reading;
  const token = findToken(text, reading.at);
  if (token === undefined) {
    reading.words += reading.take(partialTokenAt(text, reading.at));
    if (isLast) endCutHeader(reading);
    return false;
  }
  if (token.name === "channel" || token.name === "constrain") {
    reading.words += reading.take(token.end);
    return true;
  }
  reading.words += reading.take(token.at);
  reading.at = token.end;
  if (token.name === "message") beginBody(reading);
  else endBodilessHeader(reading, token.name);
  return true;
}

function beginBody(reading: Reading): void {
  const { header, possibleCall } = readHeader(reading.words, reading.tools);
  reading.transcript.begin(header, possibleCall);
  reading.words = "";
  reading.state = "body";
}

/** A stop or a new start came before `<|message|>`. */
export function endBodilessHeader(reading: Reading, name: Exclude<HeaderEnd, "cut">): void {
  const { words, tools, transcript } = reading;
  const message = readBodilessMessage(words, tools, name);
  if (message !== undefined) {
    const { header, body } = message;
    const isAddressed = header.channel !== undefined || header.recipient !== undefined;
    if (body !== "" || (isStop(name) && isAddressed)) {
      transcript.begin(header);
      transcript.append(body);
      transcript.end(isStop(name) ? name : undefined);
    }
  }
  reading.words = "";
  reading.sawToken = true;
  reading.state = isStop(name) ? "between" : "header";
}

const SINGLE_WORD = /^[\w.+/-]*\s*$/;

/** The text ends inside a header: one that was merely cut is dropped. */
function endCutHeader({ words, tools, transcript }: Reading): void {
  const message = readBodilessMessage(words, tools, "cut");
  if (message === undefined || SINGLE_WORD.test(message.body)) return;
  transcript.begin(message.header);
  transcript.append(message.body);
}

/** The words so far are stripped harmony after all. */
export function beginStripped(reading: Reading): boolean {
  const { channel, rest } = cutFirstChannel(reading.words);
  reading.text = rest + reading.take(reading.text.length);
  reading.at = 0;
  reading.words = "";
  reading.strippedChannel = channel;
  reading.state = "stripped-header";
  return true;
}

/** Only so far ahead as a header can reach: a text of many short messages would be searched to its end for each. */
export function readStrippedChannel(reading: Reading, isLast: boolean): boolean {
  reading.at += spacesAt(reading.text, reading.at);
  const ahead = reading.text.slice(reading.at, reading.at + LONGEST_ADDRESS);
  const token = findToken(ahead, 0);
  const end = token?.at ?? (isLast ? ahead.length : partialTokenAt(ahead, 0));
  const read = readStrippedHeader(
    reading.strippedChannel,
    ahead.slice(0, end),
    reading.tools,
    isLast || token !== undefined,
  );
  if (read === undefined) return false;
  reading.at += read.bodyAt;
  // a name that nothing follows was cut
  if (isLast && reading.at === reading.text.length) return false;
  reading.transcript.begin(read.header);
  reading.state = "stripped-body";
  return true;
}

/** Reads to the next glue or token, whichever comes first; nothing behind the glue is looked at. */
export function readStrippedBody(reading: Reading, isLast: boolean): boolean {
  const next = findGlue(reading.text, reading.at, reading.tools);
  const stretch = reading.text.slice(reading.at, next?.end);
  const token = findToken(stretch, 0);
  const from = reading.at;
  if (next !== undefined && token === undefined) {
    reading.transcript.append(reading.take(next.textEnd));
    reading.transcript.end(undefined);
    reading.at = next.end;
    reading.strippedChannel = next.channel;
    reading.state = "stripped-header";
    return true;
  }
  const isWhole = isLast || token !== undefined;
  const text = stretch.slice(0, token?.at ?? (isLast ? stretch.length : partialTokenAt(stretch, 0)));
  reading.transcript.append(reading.take(from + (isWhole ? text.length : undecidedFrom(text, reading.tools))));
  if (token !== undefined) endText(reading, { ...token, at: from + token.at, end: from + token.end });
  return token !== undefined;
}

const SPACES = /\s*/y;

function spacesAt(text: string, at: number): number {
  SPACES.lastIndex = at;
  return SPACES.exec(text)?.[0].length ?? 0;
}

/** Reads words outside of any message: a header that lost its markers, junk, or text that is shown. */
export function readWords(reading: Reading, isLast: boolean): boolean {
  const token = findToken(reading.text, reading.at);
  reading.words += reading.take(token?.at ?? partialTokenAt(reading.text, reading.at));
  if (reading.state === "opening") {
    const stripped = judgeStripped(reading.words, reading.tools);
    if (stripped === "yes") return beginStripped(reading);
    if (stripped === "undecided") {
      reading.state = "undecided";
      reading.glueTail = "";
      return judgeUndecided(reading, reading.words, token, isLast);
    }
    if (stripped === "open" && token === undefined && !isLast) return false;
  }
  return settleWords(reading, token, isLast);
}

/** Reads on in text that begins with a channel's name, as a sentence may, until glue, a token or the end tells. */
export function readUndecided(reading: Reading, isLast: boolean): boolean {
  const token = findToken(reading.text, reading.at);
  const text = reading.take(token?.at ?? partialTokenAt(reading.text, reading.at));
  reading.words += text;
  return judgeUndecided(reading, text, token, isLast);
}

function judgeUndecided(reading: Reading, text: string, token: FoundToken | undefined, isLast: boolean): boolean {
  // only what is new is searched: looking at all of it for each piece would make long answers slow
  const searched = reading.glueTail + text;
  if (hasGlue(searched, reading.tools)) return beginStripped(reading);
  reading.glueTail = endOfGlueSearch(searched, reading.tools);
  return token === undefined && !isLast ? false : settleWords(reading, token, isLast);
}

function settleWords(reading: Reading, token: FoundToken | undefined, isLast: boolean): boolean {
  if (token !== undefined) return readToken(reading, token);
  if (isLast) return releaseWords(reading);
  if (reading.words === "" || mayBecomeHeader(reading.words, reading.tools)) return false;
  return beginLoose(reading);
}

function readToken(reading: Reading, token: FoundToken): boolean {
  const { words, tools } = reading;
  if (!isStop(token.name) && token.name !== "start") {
    if (!isHeaderLike(words, tools)) return beginLoose(reading);
    // the token itself is read as part of the header
    beginImplicitHeader(reading);
    return true;
  }
  const isBodiless = isStop(token.name) && isBodilessHeader(reading, token);
  if (!isBodiless && !isJunk(words, tools)) return beginLoose(reading);
  // nothing follows the end of an answer
  if (token.name === "return" && isChannelWord(words) && !reading.transcript.hasAnswer) return beginLoose(reading);
  if (token.name === "end" && isChannelWord(words)) reading.loneWord = words;
  if (isBodiless) beginImplicitHeader(reading);
  else reading.words = "";
  reading.at = token.end;
  reading.sawToken = true;
  if (isBodiless) endBodilessHeader(reading, token.name);
  else reading.state = isStop(token.name) ? "between" : "header";
  return true;
}

function isBodilessHeader({ words, tools }: Reading, { name }: FoundToken): boolean {
  return (isHeaderLike(words, tools) && words.includes("to=")) || (name === "call" && namesOfferedTool(words, tools));
}

/** A header whose `<|start|>` is missing is the assistant's, unless its words say otherwise. */
function beginImplicitHeader(reading: Reading): void {
  const isOthers = /^\s*(?:system|developer|user|tool)(?!\w)|\sto=assistant(?!\w)/.test(reading.words);
  const role = reading.sawToken || reading.promptWords === "" ? "assistant " : reading.promptWords;
  reading.words = isOthers ? reading.words : role + reading.words;
  reading.sawToken = true;
  reading.state = "header";
}

/** At the end of the text: a header that was cut is dropped, anything else was an answer. */
function releaseWords(reading: Reading): boolean {
  const partial = reading.take(reading.text.length);
  if (isCut(reading, partial)) return false;
  reading.words += partial;
  beginLoose(reading);
  return false;
}

/** `<|` begins a marker; a lone `<` can be an answer, and so can a channel's name where no other answer is. */
function isCut({ words, sawToken, tools, transcript }: Reading, partial: string): boolean {
  if (partial.startsWith("<|")) return isHeaderLike(words, tools);
  if (/^\s*$/.test(words)) return partial === "";
  if (isCutHeader(words, tools)) return true;
  return sawToken && isNoise(words) && !(isChannelWord(words) && !transcript.hasAnswer);
}

/** The whole answer can be a channel's name. */
export function endLoneWord({ loneWord, transcript }: Reading): void {
  if (loneWord === "" || transcript.hasAnswer) return;
  transcript.begin({ role: "assistant" });
  transcript.append(loneWord);
  transcript.end("end");
}

function beginLoose(reading: Reading): boolean {
  reading.transcript.begin({ role: "assistant" });
  reading.transcript.append(reading.words);
  reading.words = "";
  reading.state = "loose";
  return true;
}
