import { readBodilessHeader, readHeader } from "./header.ts";
import type { Reading } from "./reading.ts";
import { findToken, isStop, partialTokenAt, type TokenName } from "./tokens.ts";

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
  reading.transcript.begin(readHeader(reading.words, reading.tools));
  reading.words = "";
  reading.state = "body";
}

/** A stop or a new start came before `<|message|>`. Of a header that is begun anew nothing is kept, unless it holds text. */
export function endBodilessHeader(reading: Reading, name: TokenName): void {
  const { words, tools, transcript } = reading;
  const { header, body } = readBodilessHeader(words, tools);
  const isAddressed = header.channel !== undefined || header.recipient !== undefined;
  if (body !== "" || (isStop(name) && isAddressed)) {
    transcript.begin(header);
    transcript.append(body);
    transcript.end(isStop(name));
  }
  reading.words = "";
  reading.sawToken = true;
  reading.state = isStop(name) ? "between" : "header";
}

const SINGLE_WORD = /^[\w.+/-]*\s*$/;

/** The text ends inside a header: one that was merely cut is dropped. */
function endCutHeader({ words, tools, transcript }: Reading): void {
  const { header, body } = readBodilessHeader(words, tools);
  if (SINGLE_WORD.test(body)) return;
  transcript.begin(header);
  transcript.append(body);
}
