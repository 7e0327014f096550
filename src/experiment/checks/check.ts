import type { Case } from "../definition/read-cases.ts";
import type { Prompt } from "../../prompts.ts";
import type { Answer } from "../ask/answer.ts";

/** What a check says of one cell. */
export interface Score {
  /** null when it can't be told; such a score counts for nothing. */
  readonly pass: boolean | null;
  /** 0 to 1; null together with `pass`. */
  readonly score: number | null;
  /** One sentence for people. */
  readonly why: string;
}

/** What a check looks at. */
export interface Judged {
  /** The channel that the check is for: the answer, or the thinking. */
  readonly text: string;
  readonly answer: Answer;
  readonly case: Pick<Case, "id" | "variables" | "expected">;
}

/** A check of one's own: judges an answer, and says why. The signal aborts when the run is interrupted. */
export type CheckFunction = (judged: Judged, signal?: AbortSignal) => Score | Promise<Score>;

/** A check that could not do its work, which says nothing about the answer. The message completes "the check NAME …". */
export class CheckError extends Error {
  override readonly name = "CheckError";
  /** It had to be stopped. */
  readonly stopped: boolean;

  constructor(
    message: string,
    { cause, stopped = false }: { readonly cause?: unknown; readonly stopped?: boolean } = {},
  ) {
    super(message, { cause });
    this.stopped = stopped;
  }
}

/** Asked of the model itself, after all cells. */
export interface JudgePlan {
  readonly prompt: Prompt;
  /** Read its verdict from plain words; undefined for one that a schema binds. */
  readonly patterns: { readonly pass: RegExp; readonly fail: RegExp } | undefined;
  readonly maxTokens: number;
}

/** One check of an experiment, ready to run. */
export interface Check {
  readonly name: string;
  readonly type: string;
  readonly weight: number;
  readonly on: "final" | "analysis";
  /** Passes where the check fails. */
  readonly negated: boolean;
  readonly run: { readonly kind: "function"; readonly check: CheckFunction } | ({ readonly kind: "judge" } & JudgePlan);
}

export function passed(why: string): Score {
  return { pass: true, score: 1, why };
}

export function failed(why: string, score = 0): Score {
  return { pass: false, score, why };
}

export function unknown(why: string): Score {
  return { pass: null, score: null, why };
}

/** A piece of text for a sentence: quoted, and not too long. */
export function quote(text: string, longest = 60): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return JSON.stringify(line.length > longest ? `${line.slice(0, longest)}…` : line);
}
