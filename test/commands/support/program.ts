import type { Command } from "commander";
import type { HelpLanguage } from "../../../src/commands/help/catalogue.ts";
import type { Interrupts } from "../../../src/commands/interrupts.ts";
import { programIn } from "../../../src/commands/program.ts";
import type { World } from "../../../src/commands/world.ts";

/** The program as it speaks a language; no command of it is run. */
export function programFor(language: HelpLanguage, words: readonly string[] = []): Promise<Command> {
  return programIn(language, { version: "0.0.0", world: {} as World, interrupts: {} as Interrupts, words });
}

/** A command and all below it, but for the one that shells ask and nobody sees. */
export function commandsOf(command: Command): Command[] {
  const below = command.commands.filter((candidate) => candidate.name() !== "complete");
  return [command, ...below.flatMap(commandsOf)];
}
