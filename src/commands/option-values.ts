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

/** Gathers the values of an option that may be given more than once. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
