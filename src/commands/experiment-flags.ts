import type { Format } from "../experiment/report/formats.ts";

/** Flags of `gpt-oss experiment run`. */
export interface ExperimentRunFlags {
  readonly limit?: number;
  readonly only?: readonly string[];
  readonly repeats?: number;
  readonly exact?: boolean;
  readonly dryRun?: boolean;
  readonly fresh?: boolean;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly llamaServer?: string;
  readonly slots?: number;
  readonly require?: readonly string[];
  /** False for `--no-regression`, a number for the loss of score that `--no-regression=0.05` tolerates; true without the flag. */
  readonly regression: boolean | number;
  readonly allowJavascript?: boolean;
  readonly format: Format;
  readonly out: string;
}

/** Flags of the commands that look at runs. */
export interface ExperimentReportFlags {
  readonly format: Format;
  readonly out: string;
  readonly allowJavascript?: boolean;
}

export interface ExperimentDiffFlags {
  readonly out: string;
  readonly arm?: string;
  readonly baseline?: string;
  readonly all?: boolean;
}
