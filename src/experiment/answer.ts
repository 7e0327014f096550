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
  /** The answer to each message of the user, and how many steps there were up to its end, where there were several. */
  turns: z.array(z.object({ text: z.string(), steps: z.number() })).optional(),
});

export type Answer = z.infer<typeof answerSchema>;

interface AnswerOfSteps {
  readonly text: string;
  readonly toolCalls?: readonly Answer["toolCalls"][number][] | undefined;
  readonly steps: readonly Step[];
  readonly turns?: readonly { readonly text: string; readonly steps: number }[] | undefined;
}

/** A text with everything that its calls of the model took. */
export function answerOfSteps({ text, toolCalls, steps, turns }: AnswerOfSteps): Answer {
  const sum = (read: (step: Step) => number) => steps.reduce((total, step) => total + read(step), 0);
  const joined = (read: (step: Step) => string) => steps.map(read).filter(Boolean).join("\n\n");
  const made = steps.flatMap((step) =>
    step.toolCalls.map(({ name, arguments: written }) => ({ name, arguments: written })),
  );
  return {
    final: text,
    analysis: joined(({ analysis }) => analysis),
    preamble: joined(({ preamble }) => preamble),
    toolCalls: [...(toolCalls ?? made)],
    finishReason: steps.at(-1)?.finishReason ?? "stop",
    tokens: {
      prompt: sum(({ tokens }) => tokens.prompt),
      cached: sum(({ tokens }) => tokens.cached),
      evaluated: sum(({ tokens }) => tokens.evaluated),
      generated: sum(({ tokens }) => tokens.generated),
      thinking: sum(({ tokens }) => tokens.thinking),
      answer: sum(({ tokens }) => tokens.answer),
    },
    promptMs: sum(({ promptMs }) => promptMs),
    generationMs: sum(({ generationMs }) => generationMs),
    steps: [...steps],
    ...(turns && { turns: [...turns] }),
  };
}

/** The answer to one message of the user; undefined for one that the conversation did not reach. */
export function answerOfTurn(answer: Answer, turn: number): Answer | undefined {
  const { turns = [], steps = [] } = answer;
  const ended = turns[turn];
  if (!ended) return undefined;
  const begins = turn === 0 ? 0 : (turns[turn - 1]?.steps ?? 0);
  return answerOfSteps({ text: ended.text, steps: steps.slice(begins, ended.steps) });
}
