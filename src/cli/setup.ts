import { defaultJobs } from "../../setup/build.ts";
import { listInventory, removeFromInventory } from "../../setup/inventory.ts";
import { findModelToSetUp, type ModelToSetUp } from "../../setup/model-to-set-up.ts";
import { modelStep, verifyStep, probeServer } from "../../setup/model-steps.ts";
import { hubEndpoint } from "../../setup/model/hub.ts";
import {
  PLANNED_PLATFORMS,
  type PlannedPlatform,
  plannedFolders,
  type PlanOptions,
  planSetup,
} from "../../setup/plan.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps } from "../../setup/server-steps.ts";
import { readConfig, type Config } from "../config/config.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { type SetupText, textFor } from "../i18n/catalogue.ts";
import { chooseModel, bytesToFetch } from "../llama-server/installed-models.ts";
import { findServer } from "../llama-server/find-server.ts";
import { hubCacheFolder } from "../llama-server/hub-cache.ts";
import { LLAMA_CPP } from "../llama-server/llama-cpp-version.ts";
import { recordModel } from "../llama-server/model-record.ts";
import { cacheFolder } from "../platform/folders.ts";
import { thisMachine, describePlatform, type Machine } from "../platform/platform.ts";
import type { SetupFlags, CommandContext } from "./command-options.ts";
import { confirmWith } from "./confirm.ts";
import type { Interrupts } from "./process-events.ts";

/** `gpt-oss setup`: the six steps, or a look at what they have left here. */
export async function setup(flags: SetupFlags, world: CommandContext, interrupts: Interrupts): Promise<number> {
  const { environment, signal, stdin, stderr } = world;
  const machine = thisMachine(environment, signal);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const words = textFor(world.language).setup;
  if (flags.list) {
    for (const line of await listInventory({ cache, environment, words })) world.stdout.write(`${line}\n`);
    return 0;
  }
  if (flags.remove !== undefined) {
    world.stdout.write(`${await removeFromInventory(flags.remove, { cache, environment, words })}\n`);
    return 0;
  }
  const config = readConfig({ flags: { llamaServer: flags.llamaServer }, environment, folder: world.folder });
  const model = await findModelToSetUp({ wanted: flags.model, name: flags.name, environment, signal });
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
    const { entry } = model;
    const remember = async () => {
      if (model.record !== undefined) await recordModel(model.record, environment);
    };
    const options = { platform, cache, environment, reporter, signal, confirm, beforeInstall: remember };
    const modelPath =
      entry === undefined
        ? await nameFileStep(model, reporter, remember)
        : await modelStep({ model: entry, ...options });
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

/** Gives a file of the user's its name. @returns its path */
async function nameFileStep(
  { name, path = "" }: ModelToSetUp,
  reporter: Reporter,
  remember: () => Promise<void>,
): Promise<string> {
  reporter.start("model", reporter.words.lookingForModel(name));
  await remember();
  reporter.done(`${name}: ${path}`, { skipped: true });
  return path;
}

interface PlanRequest {
  readonly flags: SetupFlags;
  readonly config: Config;
  readonly model: ModelToSetUp;
  readonly machine: Machine;
  readonly cache: string;
  readonly words: SetupText;
}

/** `gpt-oss setup --dry-run`: what would be run and fetched, here or on another machine. */
export async function printPlan(request: PlanRequest, world: CommandContext): Promise<number> {
  const { flags } = request;
  if (flags.platform !== undefined && !flags.dryRun) {
    throw createError("platformNeedsDryRun", []);
  }
  const options =
    flags.platform === undefined ? await planHere(request, world) : planElsewhere(request, flags.platform);
  for (const line of planSetup(options)) world.stdout.write(`${line}\n`);
  return 0;
}

async function planHere(
  { flags, config, model, machine, cache, words }: PlanRequest,
  { environment }: CommandContext,
): Promise<PlanOptions> {
  const platform = { ...(await describePlatform(machine, flags.gpu)), rpc: flags.withRpc === true };
  const existing = await findServer({
    machine,
    cache,
    named: config.llamaServer,
    backend: platform.backend,
    rpc: flags.withRpc,
    usePath: flags.gpu === "auto" && !flags.withRpc,
  });
  return {
    words,
    platform,
    ...plannedModel(model),
    jobs: flags.jobs ?? defaultJobs(machine.totalMemory),
    cache,
    modelCache: hubCacheFolder(environment),
    gitUrl: config.gitUrl ?? LLAMA_CPP.gitUrl,
    endpoint: hubEndpoint(environment),
    existingServer: existing?.path,
    missingBytes: model.entry && (await bytesToFetch({ model: model.entry, environment })),
  };
}

function plannedModel({ name, entry, path }: ModelToSetUp): Pick<PlanOptions, "model" | "existingModel"> {
  return { model: entry ?? { name, files: [], source: undefined }, existingModel: path };
}

function planElsewhere({ flags, model, words }: PlanRequest, name: string): PlanOptions {
  if (!isPlannedPlatform(name)) {
    throw createError("unknownPlatform", [name, Object.keys(PLANNED_PLATFORMS).join(", ")]);
  }
  const platform = { ...PLANNED_PLATFORMS[name], rpc: flags.withRpc === true };
  return {
    words,
    platform:
      flags.gpu === "auto" ? platform : { ...platform, backend: flags.gpu, reason: errorDetail("askedWithGpu") },
    ...plannedModel(model),
    jobs: flags.jobs,
    ...plannedFolders(platform),
    gitUrl: LLAMA_CPP.gitUrl,
    endpoint: hubEndpoint({}),
  };
}

function isPlannedPlatform(name: string): name is PlannedPlatform {
  return Object.hasOwn(PLANNED_PLATFORMS, name);
}
