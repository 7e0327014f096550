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

/** The channels that gpt-oss is taught. */
export const CHANNELS = ["analysis", "commentary", "final"] as const;

export interface ReadChannel {
  readonly name: string;
  /** Whether it is one of the format's. */
  readonly isKnown: boolean;
  /** What follows the name; junk that is glued to a known one included. */
  readonly rest: string;
}

/** What can stand before a name: signs, and the role, repeated and glued to it. */
const JUNK = /^[^\w<]*(?:assistant(?=analysis|commentary|final))?/;
/** A word that does not name a recipient. */
const UNKNOWN = /^\s*((?!to=)[^\s<]*)/;

/**
 * Reads a channel's name off a text. A known name counts though junk stands before or behind it (`––commentary`, `finalx`); of
 * several that run together (`commentaryanalysis`) the last.
 */
export function readChannel(text: string): ReadChannel {
  let at = JUNK.exec(text)?.[0].length ?? 0;
  let name: string | undefined;
  for (let next = channelAt(text, at); next !== undefined; next = channelAt(text, at)) {
    name = next;
    at += next.length;
  }
  if (name !== undefined) return { name, isKnown: true, rest: text.slice(at) };
  const [whole = "", unknown = ""] = UNKNOWN.exec(text) ?? [];
  return { name: unknown, isKnown: false, rest: text.slice(whole.length) };
}

function channelAt(text: string, at: number): string | undefined {
  return CHANNELS.find((name) => text.startsWith(name, at));
}

/** The control tokens of o200k_harmony that gpt-oss writes, as text. */
export const TOKENS = {
  start: "<|start|>",
  end: "<|end|>",
  message: "<|message|>",
  channel: "<|channel|>",
  constrain: "<|constrain|>",
  return: "<|return|>",
  call: "<|call|>",
} as const;

export type TokenName = keyof typeof TOKENS;

/** A control token in a text. */
export interface FoundToken {
  readonly name: TokenName;
  /** Where it begins, and where what follows it begins. */
  readonly at: number;
  readonly end: number;
}

const TOKEN_HERE = /<\|(start|end|message|channel|constrain|return|call)\|>/y;
const TEXTS = Object.values(TOKENS);
const LONGEST = Math.max(...TEXTS.map((text) => text.length));

/** The first control token from `from` on; any other `<|…|>` is text. */
export function findToken(text: string, from: number): FoundToken | undefined {
  for (let at = text.indexOf("<|", from); at >= 0; at = text.indexOf("<|", at + 2)) {
    TOKEN_HERE.lastIndex = at;
    const name = TOKEN_HERE.exec(text)?.[1];
    if (name !== undefined) return { name: name as TokenName, at, end: TOKEN_HERE.lastIndex };
  }
  return undefined;
}

/** False for a text in which no control token stands or begins. */
export function mayHoldToken(text: string): boolean {
  return text.includes("<") && (text.includes("<|") || text.endsWith("<"));
}

/** Where the beginning of a control token stands at the very end of a text, or the text's length when there is none. */
export function partialTokenAt(text: string, from: number): number {
  const ending = text.slice(Math.max(from, text.length - LONGEST + 1));
  const partial = ending.slice(ending.lastIndexOf("<"));
  const isPartial = partial.startsWith("<") && TEXTS.some((token) => token.startsWith(partial) && token !== partial);
  return isPartial ? text.length - partial.length : text.length;
}

/** True for the tokens that end a message. */
export function isStop(name: TokenName): boolean {
  return name === "end" || name === "return" || name === "call";
}

/** What a message is to a caller, whatever its channel is called. */
export type HarmonyPurpose = "final" | "reasoning" | "preamble" | "tool-call" | "other";

const NOBODY = new Set<string | undefined>(["assistant", "user", "all", undefined]);

/** Whether a recipient makes no call: the model itself, the user, everybody, or none at all. */
export function isNobody(recipient: string | undefined): boolean {
  return NOBODY.has(recipient);
}

/** The recipient makes a call, on any channel; without one the channel decides. Results of tools are neither text nor call. */
export function getHarmonyPurpose({ role, channel, recipient }: HarmonyHeader): HarmonyPurpose {
  if (!isNobody(recipient)) return "tool-call";
  if (role !== "assistant") return "other";
  if (channel === undefined || channel === "final") return "final";
  if (channel === "analysis") return "reasoning";
  return channel === "commentary" ? "preamble" : "other";
}

/** One answer of the model, its channels apart. */
export interface HarmonySummary {
  /** The answer: the final channel and text without a channel. */
  readonly final: string;
  /** Analysis, its parts joined by line breaks. */
  readonly reasoning: string;
  /** Commentary that no tool gets. */
  readonly preamble: string;
  /** Arguments as the model wrote them, which need not be JSON. */
  readonly toolCalls: { readonly name: string; readonly arguments: string }[];
}

/** Joins the messages of one answer by what they are for. */
export function summarizeHarmony(messages: readonly HarmonyMessage[]): HarmonySummary {
  const textOf = (purpose: HarmonyPurpose) =>
    messages.filter((message) => getHarmonyPurpose(message) === purpose).map(({ content }) => content);
  return {
    final: textOf("final").join(""),
    reasoning: textOf("reasoning").join("\n"),
    preamble: textOf("preamble").join(""),
    toolCalls: messages
      .filter((message) => getHarmonyPurpose(message) === "tool-call")
      .map(({ recipient = "", content }) => ({ name: recipient.replace(/^functions\./, ""), arguments: content })),
  };
}
