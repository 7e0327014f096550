/** Something that the model class did of its own accord, and that the user should hear of. */
export interface ModelNotice {
  readonly kind: "max-tokens" | "context-full" | "repetition" | "asked-again" | "empty-answer" | "tracing-off";
  /** One sentence. */
  readonly message: string;
}

/** How far a server has read the prompt. */
export interface PromptProgress {
  /** Tokens of the whole prompt. */
  readonly total: number;
  /** Tokens of it that the server's cache had. */
  readonly cached: number;
  /** Tokens read, those from the cache included. */
  readonly processed: number;
  /** Since it began to read. */
  readonly milliseconds: number;
}
