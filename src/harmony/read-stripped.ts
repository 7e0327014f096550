import type { Reading } from "./reading.ts";
import { endText } from "./read-text.ts";
import { cutFirstChannel, findGlue, undecidedFrom } from "./stripped.ts";
import { LONGEST_ADDRESS, readStrippedHeader } from "./stripped-header.ts";
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
