import { type Command, Option } from "commander";
import type { HelpTexts } from "./help/catalogue.ts";
import type { Interrupts } from "./interrupts.ts";
import { positiveNumber } from "./option-values.ts";
import type { SetupFlags } from "./setup-flags.ts";
import type { World } from "./world.ts";

/** Names `gpt-oss setup`; what it does is only loaded when it runs. */
export function addSetupCommand(
  program: Command,
  { setup: texts, values }: HelpTexts,
  world: World,
  interrupts: Interrupts,
): void {
  program
    .command("setup")
    .description(texts.description)
    .option("--model <name>", texts.model, "gpt-oss-20b")
    .addOption(
      new Option("--gpu <backend>", texts.gpu).choices(["auto", "metal", "cuda", "vulkan", "cpu"]).default("auto"),
    )
    .option("--with-rpc", texts.withRpc)
    .option("--jobs <number>", texts.jobs, positiveNumber(values))
    .option("--llama-server <path>", texts.llamaServer)
    .option("--dry-run", texts.dryRun)
    .option("--platform <name>", texts.platform)
    .option("--list", texts.list)
    .option("--remove <name>", texts.remove)
    .option("--yes", texts.yes)
    .action(async (flags: SetupFlags) => {
      const { setup } = await import("./setup.ts");
      process.exitCode = await setup(flags, world, interrupts);
    });
}
