import { z } from "zod";

const tokensSchema = z.object({
  /** Of the whole prompt; `cached` of them were in the server's cache, `evaluated` were computed. */
  prompt: z.number(),
  cached: z.number(),
  evaluated: z.number(),
  generated: z.number(),
  /** Of the analysis and of the final text. */
  thinking: z.number(),
  answer: z.number(),
});

/** One call of the model in a program. */
const stepSchema = z.object({
  final: z.string(),
  analysis: z.string(),
  preamble: z.string(),
  toolCalls: z.array(
    z.object({
      name: z.string(),
      arguments: z.string(),
      /** What the tool returned, if it ran and the model was asked again. */
      result: z.string().optional(),
    }),
  ),
  finishReason: z.string(),
  tokens: tokensSchema,
  promptMs: z.number(),
  generationMs: z.number(),
});
export type Step = z.infer<typeof stepSchema>;

/** What came back for one cell, channels apart. */
export const answerSchema = z.object({
  /** The final channel. */
  final: z.string(),
  analysis: z.string(),
  /** Commentary that no tool gets. */
  preamble: z.string(),
  /** Arguments as the model wrote them, which need not be JSON. */
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.string() })),
  /** stop, length (cut at the limit) or tool_calls. */
  finishReason: z.string(),
  tokens: tokensSchema,
  /** Milliseconds, measured by the server: until the first token, and from there to the last. */
  promptMs: z.number(),
  generationMs: z.number(),
  /** The calls of the model, where a program or several turns made more than one; sums are above. */
  steps: z.array(stepSchema).optional(),
});

export type Answer = z.infer<typeof answerSchema>;

/** Spaces, and characters that nobody sees. */
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * The model ended without saying anything to the user and without calling a tool: cut while it was thinking, for instance. Calls that a
 * program has answered are no answer.
 */
export function isAbsent({ final, toolCalls, steps }: Pick<Answer, "final" | "toolCalls" | "steps">): boolean {
  return BLANK.test(final) && (steps?.at(-1)?.toolCalls ?? toolCalls).length === 0;
}
