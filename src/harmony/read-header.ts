import { type HeaderEnd, readBodilessMessage, readHeader } from "./header.ts";
import type { Reading } from "./reading.ts";
import { findToken, isStop, partialTokenAt } from "./tokens.ts";

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
