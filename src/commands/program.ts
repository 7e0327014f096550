import { Command } from "commander";
import { closest, distance } from "fastest-levenshtein";
import { addChatCommands } from "./chat-program.ts";
import { addCompletion } from "./completion.ts";
import { addDoctorCommand } from "./doctor-program.ts";
import { addExperimentCommand } from "./experiment.ts";
import type { HelpLanguage } from "./help/catalogue.ts";
import type { Interrupts } from "./interrupts.ts";
import { addServeCommands } from "./serve-program.ts";
import { addSessionCommands } from "./sessions-program.ts";
import { addSetupCommand } from "./setup-program.ts";
import type { World } from "./world.ts";

const MAX_TYPOS = 3;

export interface ProgramOptions {
  readonly version: string;
  readonly world: World;
  readonly interrupts: Interrupts;
  /** What stands on the command line, without the program's name. */
  readonly words: readonly string[];
  /** Whether help and complaints are thrown and not written. */
  readonly isSilent?: boolean;
}

/**
 * The whole command line, in a language; commands are named here and loaded when they are called. It throws CommanderError instead of
 * ending the process.
 */
export async function programIn(
  { texts, layout, usageError }: HelpLanguage,
  { version, world, interrupts, words, isSilent = false }: ProgramOptions,
): Promise<Command> {
  const program = new Command("gpt-oss")
    .description(texts.program.description)
    .version(version, "-V, --version", texts.program.version)
    .helpOption("-h, --help", texts.program.helpOption)
    .showHelpAfterError(texts.program.seeHelp)
    .configureHelp(layout)
    .configureOutput({
      outputError: (message, write) => {
        const looksLikeText = /^error: unknown option '(-\d|-[^']*\s)/.test(message);
        write(usageError(message) + (looksLikeText ? `${texts.program.dashHint}\n` : ""));
      },
      ...(isSilent && { writeOut: () => undefined, writeErr: () => undefined }),
    })
    .helpCommand("help [command]", texts.program.helpCommand)
    .exitOverride();
  addChatCommands(program, texts, world);
  addSetupCommand(program, texts, world, interrupts);
  addServeCommands(program, texts, world);
  addDoctorCommand(program, texts, world);
  addSessionCommands(program, texts, world, interrupts);
  addExperimentCommand(program, texts, world);
  await addCompletion(program, texts, words);
  refuseUnknownSubcommand(program, words);
  return program;
}

/** Commander takes `sessions serach foo` for three arguments of the default command, and complains about their number. */
function refuseUnknownSubcommand(program: Command, [first = "", second = "-"]: readonly string[]): void {
  const group = program.commands.find((command) => command.name() === first);
  if (group === undefined || group.commands.length === 0 || second.startsWith("-") || second === "help") return;
  const names = group.commands.map((command) => command.name());
  if (names.includes(second) || group.registeredArguments.length > 0) return;
  const nearest = closest(second, names);
  const hint = distance(second, nearest) <= MAX_TYPOS ? `\n(Did you mean ${nearest}?)` : "";
  group.error(`error: unknown command '${second}'${hint}`, { code: "commander.unknownCommand" });
}
