import type { Command } from "commander";
import type { HelpTexts } from "./help/catalogue.ts";

/** The shell asks by `complete`, the user by `completion`. */
const COMMANDS = new Set(["complete", "completion"]);

/** Whether the words ask for what a shell completes, and not for a command of ours. */
export function asksForCompletion(words: readonly string[]): boolean {
  return COMMANDS.has(words[0] ?? "");
}

/**
 * `gpt-oss completion zsh|bash|fish`: the script that has a shell complete commands and options; it asks this program for them. What it
 * takes is only loaded when it is asked for.
 */
export async function addCompletion(
  program: Command,
  { completion: texts }: HelpTexts,
  words: readonly string[],
): Promise<void> {
  if (asksForCompletion(words)) {
    const { default: tab } = await import("@bomb.sh/tab/commander");
    tab(program, { completionCommandName: "completion" });
    const command = program.commands.find((candidate) => candidate.name() === "completion");
    const [shell] = command?.description(texts.ownDescription).registeredArguments ?? [];
    if (shell) shell.description = texts.shell;
  } else {
    program.command("completion <shell>").description(texts.description);
  }
}
