import { isDeepStrictEqual } from "node:util";
import type { HarmonyEvent, HarmonyHeader, HarmonyOptions } from "../../../src/harmony/index.ts";

/** The end of a message: by a stop token, or without one. */
export const ENDED = { ended: true } as const;
export const OPEN = { ended: false } as const;

/** An event, short: a header begins a message (the assistant's, unless it has a role), a string is its text, and an end ends it. */
type ShortEvent = Partial<HarmonyHeader> | string | typeof ENDED | typeof OPEN;

/** A completion as it arrives, with what the parser says to each piece, and at the end. */
export interface Case {
  readonly name: string;
  readonly options?: HarmonyOptions;
  readonly steps: readonly { readonly input: string; readonly events: readonly ShortEvent[] }[];
  readonly atEnd: readonly ShortEvent[];
}

/** Events in the short form of a case; throws unless each tells the header of the message that is open. */
export class ShortEvents {
  #header: HarmonyHeader | undefined;

  shorten(events: readonly HarmonyEvent[]): ShortEvent[] {
    return events.map((event) => this.#shorten(event));
  }

  #shorten(event: HarmonyEvent): ShortEvent {
    const { type, ...rest } = event;
    if (type === "message-start") {
      if (this.#header !== undefined) throw new Error("a message begins inside of another");
      this.#header = rest;
      const { role, ...others } = rest;
      return role === "assistant" ? others : rest;
    }
    const own = "text" in event ? { text: event.text } : "ended" in event ? { ended: event.ended } : {};
    if (!isDeepStrictEqual(rest, { ...this.#header, ...own })) throw new Error(`no event of this message: ${type}`);
    if ("text" in event) return event.text;
    this.#header = undefined;
    return "ended" in event && event.ended ? ENDED : OPEN;
  }
}
