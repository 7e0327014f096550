import type { Command } from "commander";
import type { HelpLanguage, CommandContext } from "../../../src/cli/command-options.ts";
import type { Interrupts } from "../../../src/cli/process-events.ts";
import { programIn } from "../../../src/cli/program.ts";

/** The program in a language; no command of it is run. */
export function programFor(
  language: HelpLanguage,
  words: readonly string[] = [],
  write: (text: string) => void = () => undefined,
): Promise<Command> {
  const world = { stdout: { write }, stderr: { write } } as unknown as CommandContext;
  return programIn(language, { version: "0.0.0", world, interrupts: {} as Interrupts, words });
}

/** A command and all below it, but for the one that shells ask and nobody sees. */
export function commandsOf(command: Command): Command[] {
  const below = command.commands.filter((candidate) => candidate.name() !== "complete");
  return [command, ...below.flatMap(commandsOf)];
}
