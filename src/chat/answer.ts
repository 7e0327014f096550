/** What comes while a question is answered. */
export type AnswerPart =
  /** Tokens of the prompt that the server has read, of how many. */
  | { readonly type: "progress"; readonly processed: number; readonly total: number }
  | { readonly type: "thinking"; readonly text: string }
  /** What the model says before it calls a tool. */
  | { readonly type: "preamble"; readonly text: string }
  | { readonly type: "call"; readonly name: string; readonly arguments: string }
  | { readonly type: "text"; readonly text: string };

/** What an answer took, as the server measured it. Times in milliseconds, speeds in tokens a second. */
export interface Figures {
  /** How often the model was asked; what follows is of all of them together. */
  readonly modelCalls?: number | undefined;
  /** Of the first. */
  readonly timeToFirstToken?: number | undefined;
  /** With what tools took in between. */
  readonly duration?: number | undefined;
  readonly promptTokens?: number | undefined;
  readonly promptTokensCached?: number | undefined;
  readonly promptSpeed?: number | undefined;
  /** All that was written: thinking, text and calls. */
  readonly answerTokens?: number | undefined;
  /** Of these the tokens of the thinking and of the text; what is left belongs to calls and to the format. */
  readonly thinkingTokens?: number | undefined;
  readonly textTokens?: number | undefined;
  /** The two were counted in pieces of which some had several tokens. */
  readonly isEstimate?: boolean | undefined;
  readonly answerSpeed?: number | undefined;
  /** What the server's context held at the end: the last prompt and what was written after it. */
  readonly contextTokens?: number | undefined;
}

/** How a turn ended; the same shape for all three, so that whoever keeps or shows it needs no second path. */
export interface Answer {
  readonly outcome: "answered" | "interrupted" | "failed";
  /** As it was sent. */
  readonly question: string;
  readonly thinking: string;
  readonly preamble: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** Text of the final channel, as far as it came. */
  readonly text: string;
  /** `stop`, `length` or `tool_calls`; undefined when it was cut before its end. */
  readonly finishReason?: string | undefined;
  readonly figures: Figures;
  /** What was thrown, when it failed. */
  readonly failure?: unknown;
}
