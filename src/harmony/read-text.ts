import { judgeChannel, judgeStart, LOOK_AHEAD, type Verdict } from "./implicit-end.ts";
import type { Reading } from "./reading.ts";
import { findToken, type FoundToken, isStop, partialTokenAt } from "./tokens.ts";

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
