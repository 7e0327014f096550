import type { Command } from "commander";
import type { DoctorFlags } from "./doctor-flags.ts";
import type { HelpTexts } from "./help/catalogue.ts";
import type { World } from "./world.ts";

/** Names `gpt-oss doctor`; what it does is only loaded when it runs. */
export function addDoctorCommand(program: Command, { doctor: texts }: HelpTexts, world: World): void {
  program
    .command("doctor")
    .description(texts.description)
    .option("--json", texts.json)
    .option("--report [file]", texts.report)
    .option("--model <name|file>", texts.model)
    .option("--llama-server <path>", texts.llamaServer)
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(flags, world);
    });
}
