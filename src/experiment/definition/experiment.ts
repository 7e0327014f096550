import type { Effort } from "../../config/effort.ts";
import type { Check } from "../checks/check.ts";
import type { Requirement, CompleteDefinition } from "./schema.ts";
import type { Subject } from "./subjects.ts";
import type { Label, Case } from "./test-cases.ts";

/** Where runs are saved by default, in the current folder. This file imports types only, so that `--help` loads nothing that reads a run. */
export const DEFAULT_OUT = "experiment-runs";

/** In which forms a report comes. */
export const FORMATS = ["table", "markdown", "csv", "json", "junit", "html", "labels"] as const;
export type Format = (typeof FORMATS)[number];

/** One combination of the settings matrix. */
export interface Setting {
  readonly effort: Effort;
  /** The model's recommendation when undefined. */
  readonly temperature: number | undefined;
  /** Tokens, thinking included. */
  readonly maxTokens: number;
  /** As for `gpt-oss chat --model`; the best one installed when undefined. */
  readonly model: string | undefined;
}

/** A definition that has been read and checked, with all the files that it names. */
export interface Experiment {
  readonly name: string;
  readonly description: string | undefined;
  /** Of the YAML file; undefined for one written in code. */
  readonly path: string | undefined;
  readonly subjects: readonly Subject[];
  readonly cases: readonly Case[];
  readonly settings: readonly Setting[];
  readonly tools: CompleteDefinition["tools"];
  readonly toolbox: string | undefined;
  readonly maxSteps: number;
  readonly repeats: number;
  readonly seed: number;
  /** `YYYY-MM-DD`, told to the model. */
  readonly date: string;
  /** Tokens of one cell's context; by model and memory when undefined. */
  readonly context: number | undefined;
  readonly checks: readonly Check[];
  /** Name of a variant. */
  readonly baseline: string;
  readonly requirements: readonly Requirement[];
  readonly labels: readonly Label[];
}
