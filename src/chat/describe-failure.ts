import { GptOssError, messageOf } from "../errors.ts";
import { showableText } from "../showable-text.ts";

/** A failure for a person: what happened and, on a line of its own, what to do. Never a stack. */
export function describeFailure(failure: unknown): string {
  // a server, a file or a model may have had its say in it
  if (!GptOssError.isInstance(failure))
    return `Something went wrong that should not: ${showableText(messageOf(failure))}`;
  return showableText(failure.hint ? `${failure.message}\n${failure.hint}` : failure.message);
}
