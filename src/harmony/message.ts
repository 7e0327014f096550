/** What a message's header says. */
export interface HarmonyHeader {
  /** system, developer, user, assistant, or tool for a tool's result. */
  readonly role: string;
  /** The tool that speaks, or the name after `role:`. */
  readonly name?: string;
  /** analysis, commentary, final, or whatever else the model wrote; absent when it wrote none. */
  readonly channel?: string;
  /** As written: `functions.get_weather`, `python`, `assistant`. */
  readonly recipient?: string;
  /** Without its marker: `json`, `code`. */
  readonly contentType?: string;
}

/** One message of a completion. */
export interface HarmonyMessage extends HarmonyHeader {
  readonly content: string;
  /** Whether a stop token ended it. The last message of a text that was cut, or that a server took the stop from, has none. */
  readonly ended: boolean;
}

/** What the parser reports. A message's header comes with each of its events, so that one can be read without the others. */
export type HarmonyEvent =
  | (HarmonyHeader & { readonly type: "message-start" })
  | (HarmonyHeader & { readonly type: "content-delta"; readonly text: string })
  | (HarmonyHeader & { readonly type: "message-end"; readonly ended: boolean });
