import {
  type HarmonyEvent,
  type HarmonyMessage,
  type HarmonyOptions,
  HarmonyParser,
} from "../../../src/harmony/index.ts";

export interface ReadPieces {
  readonly events: readonly HarmonyEvent[];
  readonly messages: readonly HarmonyMessage[];
}

export function readPieces(pieces: readonly string[], options?: HarmonyOptions): ReadPieces {
  const parser = new HarmonyParser(options);
  const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  return { events, messages: parser.messages };
}

/** The messages that events tell of, put together by someone who has seen nothing else. */
export function messagesOf(events: readonly HarmonyEvent[]): HarmonyMessage[] {
  const messages: HarmonyMessage[] = [];
  let content = "";
  for (const { type, ...event } of events) {
    if (type === "message-start") content = "";
    else if ("text" in event) content += event.text;
    else if ("ended" in event) messages.push({ ...event, content });
  }
  return messages;
}
