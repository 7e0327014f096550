import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

const callHeaderSchema = z.object({
  /** `role`: the recipient comes before the channel; `channel`: after it. */
  recipient: z.enum(["role", "channel"]),
  channel: z.enum(["commentary", "analysis"]),
  /** A space before the content type and its marker. */
  space: z.boolean(),
  /** `<|constrain|>` before the content type. */
  marker: z.boolean(),
  type: z.enum(["json", "code", ""]),
});

/**
 * The form in which the model wrote the header of a call. All forms mean the same, but they are different tokens: a server that gets
 * another form back processes the call and its arguments again.
 */
export type CallHeader = Readonly<z.infer<typeof callHeaderSchema>>;

/** A raw completion begins after `<|start|>assistant`, and llama-server strips the space that may follow. */
const HEADER =
  /(?:^|<\|start\|>assistant)( ?to=[^\s<]+)?<\|channel\|>(commentary|analysis)( to=[^\s<]+)?( ?)(<\|constrain\|>)?(json|code)?<\|message\|>/g;

/**
 * The headers of all calls of a raw answer, in their order.
 * @param calls how many calls were read from it
 * @returns undefined where a call has a header of another form
 */
export function readCallHeaders(raw: string, calls: number): readonly CallHeader[] | undefined {
  const headers = Array.from(raw.matchAll(HEADER)).flatMap((match): CallHeader[] => {
    const [, before, channel, behind, space, marker, type] = match;
    if ((before === undefined) === (behind === undefined)) return [];
    return [
      {
        recipient: before === undefined ? "channel" : "role",
        channel: channel === "analysis" ? channel : "commentary",
        space: space === " ",
        marker: marker !== undefined,
        type: type === "json" || type === "code" ? type : "",
      },
    ];
  });
  return calls > 0 && headers.length === calls ? headers : undefined;
}

const writtenCallsSchema = z.array(z.object({ id: z.string(), header: callHeaderSchema, arguments: z.string() }));

/** A call as the model wrote it. */
export type WrittenCall = Readonly<z.infer<typeof writtenCallsSchema>[number]>;

/** The written calls of a message that may have been stored; none where they can't be read. */
export function parseWrittenCalls(stored: unknown): readonly WrittenCall[] {
  return writtenCallsSchema.safeParse(stored).data ?? [];
}

/** A call of a conversation, as far as its form depends on it. */
interface ConversationCall {
  readonly id: string;
  readonly arguments: string;
  readonly header?: CallHeader | undefined;
}

/** The call with the bytes that the model wrote, if a client has not changed what they mean. */
export function withWrittenForm<Call extends ConversationCall>(
  call: Call,
  written: Pick<ConversationCall, "arguments" | "header"> | undefined,
): Call {
  if (written === undefined || !isSameJson(written.arguments, call.arguments)) return call;
  return { ...call, arguments: written.arguments, header: written.header };
}

/** The headers of calls by their ids, as the chat template takes them. An id that two calls share says nothing. */
export function headersById(calls: readonly ConversationCall[]): Readonly<Record<string, CallHeader>> | undefined {
  const known = calls.flatMap(({ id, header }) => {
    const isUnique = id !== "" && calls.filter((call) => call.id === id).length === 1;
    return isUnique && header !== undefined ? [[id, header]] : [];
  });
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Record<string, CallHeader>);
}

function isSameJson(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false; // one of them is not JSON
  }
}
