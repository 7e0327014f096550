import type { DrawSettings, PromptRequest } from "../ask/request.ts";
import type { Target } from "../ask/target.ts";
import type { Mode } from "../plan/cell.ts";
import type { Row } from "../store/row.ts";
import type { Store } from "../store/store.ts";

/** What is asked and stored: a cell, or a judge's question about one. */
export interface Question {
  readonly kind: Row["kind"];
  readonly key: string;
  readonly arm: string;
  readonly case: string;
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: DrawSettings;
  readonly rendered: string;
  /** Fields of the request that bind the answer to a form. */
  readonly constraint?: Record<string, unknown> | undefined;
  /** Questions of one family begin alike. */
  readonly family: string;
}

export interface AskQuestionsOptions {
  readonly target: Target;
  readonly store: Store;
  readonly mode: Mode;
  readonly signal?: AbortSignal | undefined;
  /** After every question. */
  readonly onRow?: ((row: Row) => void) | undefined;
}
