import type { Argument, Command, HelpConfiguration, Option } from "commander";
import type { HelpText } from "../i18n/en/help.ts";
import { HELP_EXAMPLES } from "./help-examples.ts";
import { pathOf } from "./localized-command.ts";

/** Commander's help with the headings and notes of a language. */
export function helpLayout({ layout: texts }: HelpText): HelpConfiguration {
  const describe = (target: Argument | Option, variable?: string): string => {
    const notes = [
      ...(target.argChoices ? [texts.choices(target.argChoices)] : []),
      ...(typeof target.defaultValue === "string" ? [texts.defaultValue(target.defaultValue)] : []),
      ...(variable === undefined ? [] : [texts.variable(variable)]),
    ];
    return [target.description, ...(notes.length === 0 ? [] : [texts.notes(notes)])].filter(Boolean).join(" ");
  };
  return {
    commandUsage(command) {
      const parents: string[] = [];
      for (let { parent } = command; parent !== null; { parent } = parent) parents.unshift(parent.name());
      const below = command.commands.length > 0 ? [texts.command] : [];
      return [...parents, command.name(), texts.options, ...below, ...syntaxOf(command)].join(" ");
    },
    subcommandTerm: (command) =>
      [command.name(), ...(command.options.length > 0 ? [texts.options] : []), ...syntaxOf(command)].join(" "),
    optionDescription: (option) => describe(option, option.envVar),
    argumentDescription: (argument) => describe(argument),
    formatHelp(command, helper) {
      const columns = helper.helpWidth ?? 80;
      const termColumns = helper.padWidth(command, helper);
      const list = (heading: string, items: readonly (readonly [term: string, description: string])[]) =>
        items.length === 0
          ? []
          : [heading, ...items.map((item) => helper.formatItem(item[0], termColumns, item[1], helper)), ""];
      const description = helper.commandDescription(command);
      return [
        `${texts.usage} ${helper.styleUsage(helper.commandUsage(command))}`,
        "",
        ...(description === "" ? [] : [helper.boxWrap(description, columns), ""]),
        ...list(
          texts.argumentsHeading,
          helper.visibleArguments(command).map((it) => [helper.argumentTerm(it), helper.argumentDescription(it)]),
        ),
        ...list(
          texts.optionsHeading,
          helper.visibleOptions(command).map((it) => [helper.optionTerm(it), helper.optionDescription(it)]),
        ),
        ...list(
          texts.commandsHeading,
          helper.visibleCommands(command).map((it) => [helper.subcommandTerm(it), helper.subcommandDescription(it)]),
        ),
        ...examplesOf(command, texts.examplesHeading),
      ].join("\n");
    },
  };
}

/** `<run>`, `[question...]` */
function syntaxOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
}

/** Command lines as a shell takes them; they are not wrapped, so that they can be copied. */
function examplesOf(command: Command, heading: string): string[] {
  const examples = HELP_EXAMPLES[pathOf(command)] ?? [];
  return examples.length === 0 ? [] : [heading, ...examples.map((example) => `  $ ${example}`), ""];
}
