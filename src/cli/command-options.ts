import type { ReadStream, WriteStream } from "node:tty";
import { InvalidArgumentError, type HelpConfiguration } from "commander";
import type { Format } from "../experiment/definition/experiment.ts";
import type { HelpText } from "../i18n/en/help.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import type { Backend } from "../platform/platform.ts";

/** What a command has of the process around it; only cli.ts makes one from the real process. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the interface speaks: help, errors and every command. */
  readonly language: InterfaceLanguage;
  /** The current folder. */
  readonly folder: string;
  readonly stdin: ReadStream | (NodeJS.ReadStream & { readonly fd: 0 });
  readonly stdout: WriteStream | (NodeJS.WriteStream & { readonly fd: 1 });
  readonly stderr: WriteStream | (NodeJS.WriteStream & { readonly fd: 2 });
  /** Aborts at Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** Has something done at the very end, however the process ends: a terminal put back as it was. */
  readonly atExit: (action: () => void) => void;
}

/** Reads the value of an option that counts something. */
export function positiveNumber(texts: HelpText["values"]): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError(texts.positiveNumber);
    return number;
  };
}

/**
 * Reads the margin of `--no-regression=0.05`; without one it is false, as of any option that begins with `--no-`.
 * @throws InvalidArgumentError for what is not a number from 0 to 1
 */
export function regressionMargin(texts: HelpText["values"]): (text: string) => number | false {
  return (text) => {
    if (text === "") return false;
    const number = Number(text);
    if (text.trim() === "" || !(number >= 0 && number <= 1)) throw new InvalidArgumentError(texts.margin);
    return number;
  };
}

/** Gathers the values of an option that may be given more than once. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** How the command line speaks a language. */
export interface HelpLanguage {
  readonly texts: HelpText;
  readonly layout: HelpConfiguration;
}

/** Flags of `gpt-oss doctor`. */
export interface DoctorFlags {
  readonly json?: boolean;
  /** A path; true for the default one. */
  readonly report?: string | true;
  readonly model?: string;
  readonly llamaServer?: string;
}

/** Flags of `gpt-oss setup`. */
export interface SetupFlags {
  readonly model: string;
  readonly name?: string;
  readonly gpu: Backend | "auto";
  readonly jobs?: number;
  readonly withRpc?: boolean;
  readonly llamaServer?: string;
  readonly dryRun?: boolean;
  readonly platform?: string;
  readonly list?: boolean;
  readonly remove?: string;
  readonly yes?: boolean;
}

/** Flags of `gpt-oss experiment run`. */
export interface ExperimentRunFlags {
  readonly limit?: number;
  readonly only?: readonly string[];
  readonly sample?: number;
  readonly seed?: number;
  readonly compareTo?: string;
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
  readonly variant?: string;
  /** What `--variant` was called in version 0.1.0. */
  readonly arm?: string;
  readonly all?: boolean;
}
