import { type AIMessage, ToolMessage } from "@langchain/core/messages";
import { BAD_CALL } from "./turn-record.ts";

/** The answer to a call that can't be made. */
export function badCall(
  { id, name }: { readonly id?: string | undefined; readonly name?: string | undefined },
  content: string,
): ToolMessage {
  return new ToolMessage({
    content,
    tool_call_id: id ?? "",
    ...(name !== undefined && { name }),
    status: "error",
    metadata: { [BAD_CALL]: true },
  });
}

/** Why the arguments of a call could not be read. */
export function describeBrokenCall(answer: AIMessage): string {
  const metadata = answer.response_metadata as { readonly finish_reason?: unknown };
  if (metadata.finish_reason === "length") {
    return "Error: this call was cut off at the limit of tokens and was not made. Write a shorter one.";
  }
  return "Error: the arguments of this call are not valid JSON, so it was not made. Call again with one JSON object.";
}
