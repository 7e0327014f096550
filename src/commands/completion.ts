import type { Command } from "commander";

/** The shell asks by `complete`, the user by `completion`. */
const COMMANDS = new Set(["complete", "completion"]);

/**
 * `gpt-oss completion zsh|bash|fish`: the script that has a shell complete commands and options; it asks this program for them. What it
 * takes is only loaded when it is asked for.
 */
export async function addCompletion(program: Command, words: readonly string[]): Promise<void> {
  if (COMMANDS.has(words[0] ?? "")) {
    const { default: tab } = await import("@bomb.sh/tab/commander");
    tab(program, { completionCommandName: "completion" });
  } else {
    program.command("completion <shell>").description("print the completion script for zsh, bash or fish");
  }
}
