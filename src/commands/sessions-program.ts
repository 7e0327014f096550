import { type Command, Option } from "commander";
import type { Interrupts } from "./interrupts.ts";
import type { ExportFlags, JsonFlag, SessionCommands } from "./sessions.ts";
import type { World } from "./world.ts";

const JSON_OPTION = ["--json", "print JSON"] as const;

/** Names `gpt-oss sessions` and its commands; what they do is only loaded when one of them runs. */
export function addSessionCommands(program: Command, world: World, interrupts: Interrupts): void {
  const commands = async (): Promise<SessionCommands> => {
    const { SessionCommands: Commands } = await import("./sessions.ts");
    return new Commands(world);
  };
  const sessions = program
    .command("sessions")
    .description("list, read, search and move what was said in earlier chats");

  sessions
    .command("list", { isDefault: true })
    .description("all sessions, the last used first: id, date, turns, model, title")
    .option(...JSON_OPTION)
    .action(async (flags: JsonFlag) => {
      (await commands()).list(flags);
    });
  sessions
    .command("show <id|title>")
    .description("what was said in a session")
    .option(...JSON_OPTION)
    .action(async (reference: string, flags: JsonFlag) => {
      (await commands()).show(reference, flags);
    });
  sessions
    .command("search <words...>")
    .description("every message with these words, whatever their case and width")
    .option(...JSON_OPTION)
    .action(async (words: readonly string[], flags: JsonFlag) => {
      (await commands()).search(words, flags);
    });
  sessions
    .command("rename <id|title> <title...>")
    .description("give a session another title")
    .option(...JSON_OPTION)
    .action(async (reference: string, title: readonly string[], flags: JsonFlag) => {
      await (await commands()).rename(reference, title, flags);
    });
  sessions
    .command("export <id|title>")
    .description("a session as a page to read, in Markdown or HTML, or as JSON to import elsewhere")
    .addOption(
      new Option("--format <format>", "what to write").choices(["markdown", "html", "json"]).default("markdown"),
    )
    .option("--output <file>", "a new file instead of standard output")
    .option("--json", "the same as --format json")
    .action(async (reference: string, flags: ExportFlags) => {
      (await commands()).export(reference, flags);
    });
  sessions
    .command("import <file>")
    .description("take in a session that was exported as JSON; - reads standard input")
    .option(...JSON_OPTION)
    .action(async (file: string, flags: JsonFlag) => {
      await (await commands()).import(file, flags);
    });
  sessions
    .command("delete <id|title...>")
    .description("delete sessions for good")
    .option("--yes", "do not ask")
    .option(...JSON_OPTION)
    .action(async (references: readonly string[], flags: JsonFlag & { readonly yes?: boolean }) => {
      await (await commands()).delete(references, flags, interrupts);
    });
}
