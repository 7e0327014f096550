import { InvalidArgumentError } from "commander";

/** Reads the value of an option that counts something. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It has to be a whole number from 1 on.");
  return number;
}

/** Gathers the values of an option that may be given more than once. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
