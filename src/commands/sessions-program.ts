import { type Command, Option } from "commander";
import type { HelpTexts } from "./help/catalogue.ts";
import { interfaceLanguage } from "./interface-language.ts";
import type { Interrupts } from "./interrupts.ts";
import type { ExportFlags, JsonFlag, SessionCommands } from "./sessions.ts";
import type { World } from "./world.ts";

/** Names `gpt-oss sessions` and its commands; what they do is only loaded when one of them runs. */
export function addSessionCommands(
  program: Command,
  { sessions: texts, program: general }: HelpTexts,
  world: World,
  interrupts: Interrupts,
): void {
  const json = ["--json", texts.json] as const;
  const commands = async (): Promise<SessionCommands> => {
    const { SessionCommands: Commands } = await import("./sessions.ts");
    return new Commands(world, await interfaceLanguage(world));
  };
  const sessions = program
    .command("sessions")
    .description(texts.description)
    .helpCommand("help [command]", general.helpCommand);

  sessions
    .command("list", { isDefault: true })
    .description(texts.list.description)
    .option(...json)
    .action(async (flags: JsonFlag) => {
      (await commands()).list(flags);
    });
  sessions
    .command("show <id|title>")
    .description(texts.show.description)
    .option(...json)
    .action(async (reference: string, flags: JsonFlag) => {
      (await commands()).show(reference, flags);
    });
  sessions
    .command("search <words...>")
    .description(texts.search.description)
    .option(...json)
    .action(async (words: readonly string[], flags: JsonFlag) => {
      (await commands()).search(words, flags);
    });
  sessions
    .command("rename <id|title> <title...>")
    .description(texts.rename.description)
    .option(...json)
    .action(async (reference: string, title: readonly string[], flags: JsonFlag) => {
      await (await commands()).rename(reference, title, flags);
    });
  sessions
    .command("export <id|title>")
    .description(texts.export.description)
    .addOption(
      new Option("--format <format>", texts.export.format).choices(["markdown", "html", "json"]).default("markdown"),
    )
    .option("--output <file>", texts.export.output)
    .option("--json", texts.export.json)
    .action(async (reference: string, flags: ExportFlags) => {
      (await commands()).export(reference, flags);
    });
  sessions
    .command("import <file>")
    .description(texts.import.description)
    .option(...json)
    .action(async (file: string, flags: JsonFlag) => {
      await (await commands()).import(file, flags);
    });
  sessions
    .command("delete <id|title...>")
    .description(texts.delete.description)
    .option("--yes", texts.delete.yes)
    .option(...json)
    .action(async (references: readonly string[], flags: JsonFlag & { readonly yes?: boolean }) => {
      await (await commands()).delete(references, flags, interrupts);
    });
}
