import { cacheFolder } from "../../setup/folders.ts";
import { listInventory, removeFromInventory } from "../../setup/inventory.ts";
import { CATALOGUE, findModel, type ModelEntry } from "../../setup/model/catalogue.ts";
import { modelStep, verifyStep } from "../../setup/model-steps.ts";
import { thisMachine } from "../../setup/platform.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps } from "../../setup/server-steps.ts";
import { setupWordsIn } from "../../setup/words/index.ts";
import { readConfig } from "../config/config.ts";
import { failed } from "../failures/failure.ts";
import { chooseModel } from "../server/choose-model.ts";
import { probeServer } from "../server/probe.ts";
import { confirmWith } from "./confirm.ts";
import { interfaceLanguage } from "./interface-language.ts";
import type { Interrupts } from "./interrupts.ts";
import type { SetupFlags } from "./setup-flags.ts";
import { printPlan } from "./setup-plan.ts";
import type { World } from "./world.ts";

/** `gpt-oss setup`: the six steps, or a look at what they have left here. */
export async function setup(flags: SetupFlags, world: World, interrupts: Interrupts): Promise<number> {
  const { environment, signal, stdin, stderr } = world;
  const machine = thisMachine(environment, signal);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const words = setupWordsIn(await interfaceLanguage(world));
  if (flags.list) {
    for (const line of await listInventory({ cache, environment, words })) world.stdout.write(`${line}\n`);
    return 0;
  }
  if (flags.remove !== undefined) {
    world.stdout.write(`${await removeFromInventory(flags.remove, { cache, environment, words })}\n`);
    return 0;
  }
  const config = readConfig({ flags: { llamaServer: flags.llamaServer }, environment, folder: world.folder });
  const model = catalogueEntry(flags.model);
  if (flags.dryRun || flags.platform !== undefined)
    return await printPlan({ flags, config, model, machine, cache, words }, world);

  const confirm = confirmWith({ yes: flags.yes === true, terminal: stdin.isTTY && stderr.isTTY, interrupts });
  const reporter = new Reporter(stderr, { words });
  try {
    const { platform, server } = await runServerSteps({
      machine,
      cache,
      reporter,
      signal,
      gpu: flags.gpu,
      rpc: flags.withRpc,
      jobs: flags.jobs,
      namedServer: config.llamaServer,
      gitUrl: config.gitUrl,
      confirm,
    });
    const modelPath = await modelStep({ model, platform, cache, environment, reporter, signal, confirm });
    const local = await chooseModel({ wanted: model.name, cache, environment });
    await verifyStep({
      server,
      modelPath,
      cache,
      reporter,
      signal,
      probe: (program) => probeServer({ program, model: local, cache, environment, signal }),
    });
  } finally {
    reporter.clear();
  }
  stderr.write(`${words.ready(model.name)}\n`);
  return 0;
}

function catalogueEntry(name: string): ModelEntry {
  const entry = findModel(name);
  if (entry !== undefined) return entry;
  throw failed("unknownModelToSetUp", [name, CATALOGUE.map((candidate) => candidate.name).join(", ")]);
}
