import { GptOssError, messageOf } from "../errors.ts";

/** A failure for a person: what happened and, on a line of its own, what to do. Never a stack. */
export function describeFailure(failure: unknown): string {
  if (GptOssError.isInstance(failure)) return failure.hint ? `${failure.message}\n${failure.hint}` : failure.message;
  return `Something went wrong that should not: ${messageOf(failure)}`;
}
