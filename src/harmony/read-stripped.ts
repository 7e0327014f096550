import type { Reading } from "./reading.ts";
import { endText } from "./read-text.ts";
import { cutFirstChannel, findStrippedEnd, readStrippedHeader } from "./stripped.ts";
import { findToken, partialTokenAt } from "./tokens.ts";

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

export function readStrippedChannel(reading: Reading, isLast: boolean): boolean {
  const token = findToken(reading.text, reading.at);
  const isWhole = isLast || token !== undefined;
  const textEnd = token?.at ?? (isLast ? reading.text.length : partialTokenAt(reading.text, reading.at));
  const read = readStrippedHeader(reading.strippedChannel, reading.text.slice(reading.at, textEnd), isWhole);
  if (read === undefined) return false;
  reading.at += read.bodyAt;
  // a name that nothing follows was cut
  if (isLast && reading.at === reading.text.length) return false;
  reading.transcript.begin(read.header);
  reading.state = "stripped-body";
  return true;
}

export function readStrippedBody(reading: Reading, isLast: boolean): boolean {
  const token = findToken(reading.text, reading.at);
  const textEnd = token?.at ?? (isLast ? reading.text.length : partialTokenAt(reading.text, reading.at));
  const text = reading.text.slice(reading.at, textEnd);
  const { end, next } = findStrippedEnd(text, isLast || token !== undefined);
  const from = reading.at;
  reading.transcript.append(reading.take(from + end));
  if (next !== undefined) {
    reading.transcript.end(false);
    reading.at = from + next.at;
    reading.strippedChannel = next.channel;
    reading.state = "stripped-header";
    return true;
  }
  if (token !== undefined) endText(reading, token);
  return token !== undefined;
}
