import { type Argument, Command, type CommanderError, type Option } from "commander";
import { distance } from "fastest-levenshtein";
import type { HelpText } from "../i18n/en/help.ts";

/** Edits; a name that is further away was hardly meant. */
const MAX_TYPOS = 3;
const MIN_SIMILARITY = 0.4;

/**
 * A command that reports mistakes on its command line in the language of its texts. Commander makes its English sentences in the methods
 * overridden here, which receive the parts of the sentence; nothing has to be read from the finished English. They are not part of its
 * documented interface: a test makes each mistake in both languages.
 */
export class LocalizedCommand extends Command {
  readonly #texts: HelpText;

  constructor(texts: HelpText, name?: string) {
    super(name);
    this.#texts = texts;
  }

  override createCommand(name?: string): Command {
    return new LocalizedCommand(this.#texts, name);
  }

  unknownCommand(name: string = this.args[0] ?? ""): never {
    const names = this.createHelp()
      .visibleCommands(this)
      .map((command) => command.name());
    return this.#refuse("unknownCommand", this.#texts.errors.unknownCommand(name, similarTo(name, names)));
  }

  unknownOption(flag: string): never {
    const { errors } = this.#texts;
    const looksLikeText = /^-(\d|.*\s)/s.test(flag);
    const similar = flag.startsWith("--") && !looksLikeText ? similarTo(flag, this.#longFlags()) : [];
    const message = errors.unknownOption(flag, similar);
    return this.#refuse("unknownOption", looksLikeText ? `${message}\n${errors.dashHint}` : message);
  }

  missingArgument(name: string): never {
    return this.#refuse("missingArgument", this.#texts.errors.missingArgument(name));
  }

  optionMissingArgument(option: Option): never {
    return this.#refuse("optionMissingArgument", this.#texts.errors.missingValue(nameOf(option), option.flags));
  }

  _excessArguments(given: readonly string[]): void {
    if (given.length <= this.registeredArguments.length) return;
    const expected = this.registeredArguments.length;
    this.#refuse("excessArguments", this.#texts.errors.tooManyArguments(pathOf(this), expected, given.length));
  }

  _callParseArg(target: Argument | Option, value: string, previous: unknown): unknown {
    try {
      // Commander's types leave this method out for arguments
      return (target as Option).parseArg?.(value, previous as string);
    } catch (error) {
      const { code, message } = error as CommanderError;
      if (code !== "commander.invalidArgument") throw error;
      const { argChoices } = target;
      const why = argChoices ? this.#texts.errors.choices(argChoices) : message;
      return this.#refuse("invalidArgument", this.#texts.errors.invalidValue(nameOf(target), value, why));
    }
  }

  #refuse(code: string, message: string): never {
    return this.error(`${message}\n${this.#texts.errors.seeHelp(pathOf(this))}`, { code: `commander.${code}` });
  }

  #longFlags(): string[] {
    return withAncestors(this).flatMap((command) =>
      command
        .createHelp()
        .visibleOptions(command)
        .flatMap(({ long }) => long ?? []),
    );
  }
}

function withAncestors(command: Command): Command[] {
  return command.parent === null ? [command] : [command, ...withAncestors(command.parent)];
}

/** `gpt-oss experiment run` */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** `--follow` of `-f, --follow`, `<id|title>` of an argument. */
function nameOf(target: Argument | Option): string {
  if ("flags" in target) return target.long ?? target.flags;
  return `<${target.name()}>`;
}

function withoutDashes(flag: string): string {
  return flag.replace(/^--/, "");
}

/** Those of the names that come nearest, if any comes near. */
function similarTo(name: string, names: readonly string[]): string[] {
  const rated = [...new Set(names)].map((candidate) => {
    const [typed, wanted] = [withoutDashes(name), withoutDashes(candidate)];
    return { candidate, typos: distance(typed, wanted), length: Math.max(typed.length, wanted.length) };
  });
  const near = rated.filter(({ typos, length }) => typos <= MAX_TYPOS && 1 - typos / length > MIN_SIMILARITY);
  const fewest = Math.min(...near.map(({ typos }) => typos));
  return near.filter(({ typos }) => typos === fewest).map(({ candidate }) => candidate);
}
