import { createHash } from "node:crypto";
import type { Case } from "../definition/read-cases.ts";
import type { DrawSettings, PromptRequest } from "../ask/request.ts";

/** fast: all slots and the prompt cache. exact: one slot and no cache, so that the same seed gives the same answer. */
export const MODES = ["fast", "exact"] as const;
export type Mode = (typeof MODES)[number];

/** One variant with one setting, one case and one repeat. */
export interface Cell {
  /** Id of its arm. */
  readonly arm: string;
  /** The model asked for, as in the setting. */
  readonly model: string | undefined;
  /** Cells of one family begin alike: one variant with one effort. */
  readonly family: string;
  readonly case: Case;
  /** From 1. */
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: DrawSettings;
  /** The text that the model reads, as the server renders it. */
  readonly rendered: string;
  /** What it is stored under: two cells with the same key are the same question. */
  readonly key: string;
}

/** All that decides an answer, as far as it can be decided. */
export interface KeyParts {
  readonly rendered: string;
  readonly draw: DrawSettings;
  readonly modelHash: string;
  readonly build: string;
  readonly mode: Mode;
}

/** SHA-256, in hexadecimal. A template, a date or an effort that changes the prompt changes the key. */
export function keyOf({ rendered, draw, modelHash, build, mode }: KeyParts): string {
  const { temperature, topP, topK, minP, maxTokens, seed } = draw;
  const parts = [rendered, temperature, topP, topK, minP, maxTokens, seed, modelHash, build, mode];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
