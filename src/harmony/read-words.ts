import { endBodilessHeader } from "./read-header.ts";
import { beginStripped } from "./read-stripped.ts";
import type { Reading } from "./reading.ts";
import { endOfGlueSearch, hasGlue, judgeStripped } from "./stripped.ts";
import { findToken, type FoundToken, isStop, partialTokenAt } from "./tokens.ts";
import {
  isChannelWord,
  isCutHeader,
  isHeaderLike,
  isJunk,
  isNoise,
  mayBecomeHeader,
  namesOfferedTool,
} from "./words.ts";

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
