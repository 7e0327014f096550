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
  /** False only for the last message of a text that stops in the middle of it. */
  readonly ended: boolean;
}

/** What the parser reports; a message's header comes with each event of it. */
export type HarmonyEvent =
  | (HarmonyHeader & { readonly type: "message-start" })
  | (HarmonyHeader & { readonly type: "content-delta"; readonly text: string })
  | (HarmonyHeader & { readonly type: "message-end"; readonly ended: boolean });
