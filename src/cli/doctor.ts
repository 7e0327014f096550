import { cacheFolder } from "../platform/folders.ts";
import { thisMachine } from "../platform/platform.ts";
import { examine, describeFindings } from "./doctor-checks.ts";
import type { DoctorFlags, CommandContext } from "./command-options.ts";
import { textFor } from "../i18n/catalogue.ts";

/** `gpt-oss doctor`: exit status 0 when all is right, 1 when something is wrong. */
export async function doctor(flags: DoctorFlags, world: CommandContext): Promise<number> {
  const { environment, folder } = world;
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const settings = { model: flags.model, llamaServer: flags.llamaServer };
  const language = world.language;
  // what programs read, and what is sent to others, is English
  const words = textFor(flags.json || flags.report !== undefined ? "en" : language).cli;
  const findings = await examine({ machine, cache, flags: settings, environment, folder, words });
  if (flags.report !== undefined) {
    const { writeReport } = await import("./doctor-report.ts");
    return await writeReport({ flags, findings, machine, cache, language }, world);
  }
  const ok = findings.every(({ problem }) => problem === undefined);
  if (flags.json) world.stdout.write(`${JSON.stringify({ ok, findings }, undefined, 2)}\n`);
  else for (const line of describeFindings(findings)) world.stdout.write(`${line}\n`);
  return ok ? 0 : 1;
}
