import { type Phrase, phraseIn } from "../../src/failures/failure.ts";

/** A failure that may pass: the download tries again. */
export class TransientError extends Error {
  override readonly name = "TransientError";
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  readonly problem: Phrase;

  constructor(problem: Phrase, retryAfterMs?: number, cause?: unknown) {
    super(phraseIn("en", problem), cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}
