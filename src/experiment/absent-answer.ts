import type { Answer } from "./answer.ts";

/** Spaces, and characters that nobody sees. */
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * The model ended without saying anything to the user and without calling a tool: cut while it was thinking, for instance. Calls that a
 * program has answered are no answer.
 */
export function isAbsent({ final, toolCalls, steps }: Pick<Answer, "final" | "toolCalls" | "steps">): boolean {
  return BLANK.test(final) && (steps?.at(-1)?.toolCalls ?? toolCalls).length === 0;
}
