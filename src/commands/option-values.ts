import { InvalidArgumentError } from "commander";
import type { HelpTexts } from "./help/catalogue.ts";

/** Reads the value of an option that counts something. */
export function positiveNumber(texts: HelpTexts["values"]): (text: string) => number {
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
export function regressionMargin(texts: HelpTexts["values"]): (text: string) => number | false {
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
