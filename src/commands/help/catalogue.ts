import type { HelpConfiguration } from "commander";
import type * as english from "./english/index.ts";

/** Every text of the command line that is ours; a language that lacks one does not compile. */
export type HelpTexts = typeof english;

/** How the command line speaks a language. */
export interface HelpLanguage {
  readonly texts: HelpTexts;
  /** Commander's own words in a command's help, and how its lines are broken. */
  readonly layout: HelpConfiguration;
  /** What commander says in English of wrong words of the command line, in this language. */
  readonly usageError: (message: string) => string;
}
