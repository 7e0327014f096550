import { cacheFolder } from "../../setup/folders.ts";
import { thisMachine } from "../../setup/platform.ts";
import { examine, type Finding } from "./doctor-examine.ts";
import type { World } from "./world.ts";

export interface DoctorFlags {
  readonly json?: boolean;
  /** A path; true for the default one. */
  readonly report?: string | true;
  readonly model?: string;
  readonly llamaServer?: string;
}

/** `gpt-oss doctor`: exit status 0 when all is right, 1 when something is wrong. */
export async function doctor(flags: DoctorFlags, world: World): Promise<number> {
  const { environment, folder } = world;
  const machine = thisMachine(environment);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const settings = { model: flags.model, llamaServer: flags.llamaServer };
  const findings = await examine({ machine, cache, flags: settings, environment, folder });
  if (flags.report !== undefined) {
    const { writeReport } = await import("./doctor-report.ts");
    return await writeReport({ flags, findings, machine, cache }, world);
  }
  const ok = findings.every(({ problem }) => problem === undefined);
  if (flags.json) world.stdout.write(`${JSON.stringify({ ok, findings }, undefined, 2)}\n`);
  else for (const line of describeFindings(findings)) world.stdout.write(`${line}\n`);
  return ok ? 0 : 1;
}

/** A name, what is there, and under it what is wrong and how to mend it. */
export function describeFindings(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings.flatMap(({ name, lines, problem, mend }) => {
    const said = [...lines, ...(problem === undefined ? [] : [`! ${problem}`]), ...(mend ? [`  ${mend}`] : [])];
    return said.map((line, place) => `${(place === 0 ? name : "").padEnd(width)}  ${line}`);
  });
}
