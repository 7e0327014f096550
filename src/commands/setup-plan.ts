import { findServer } from "../../setup/find-server.ts";
import { defaultJobs } from "../../setup/build-commands.ts";
import { type ModelEntry } from "../../setup/model/catalogue.ts";
import { hubEndpoint } from "../../setup/model/hub.ts";
import { hubCacheFolder } from "../../setup/model/hub-cache.ts";
import { bytesToFetch } from "../../setup/model/installed-models.ts";
import {
  PLANNED_PLATFORMS,
  type PlannedPlatform,
  plannedFolders,
  type PlanOptions,
  planSetup,
} from "../../setup/plan.ts";
import { describePlatform, type Machine } from "../../setup/platform.ts";
import { LLAMA_CPP } from "../../setup/release.ts";
import type { SetupWords } from "../../setup/words/index.ts";
import type { Config } from "../config/config.ts";
import { failed, reason } from "../failures/failure.ts";
import type { SetupFlags } from "./setup-flags.ts";
import type { World } from "./world.ts";

interface PlanRequest {
  readonly flags: SetupFlags;
  readonly config: Config;
  readonly model: ModelEntry;
  readonly machine: Machine;
  readonly cache: string;
  readonly words: SetupWords;
}

/** `gpt-oss setup --dry-run`: what would be run and fetched, here or on another machine. */
export async function printPlan(request: PlanRequest, world: World): Promise<number> {
  const { flags } = request;
  if (flags.platform !== undefined && !flags.dryRun) {
    throw failed("platformNeedsDryRun", []);
  }
  const options =
    flags.platform === undefined ? await planHere(request, world) : planElsewhere(request, flags.platform);
  for (const line of planSetup(options)) world.stdout.write(`${line}\n`);
  return 0;
}

async function planHere(
  { flags, config, model, machine, cache, words }: PlanRequest,
  { environment }: World,
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
    model,
    jobs: flags.jobs ?? defaultJobs(machine.totalMemory),
    cache,
    modelCache: hubCacheFolder(environment),
    gitUrl: config.gitUrl ?? LLAMA_CPP.gitUrl,
    endpoint: hubEndpoint(environment),
    existingServer: existing?.path,
    missingBytes: await bytesToFetch({ model, environment }),
  };
}

function planElsewhere({ flags, model, words }: PlanRequest, name: string): PlanOptions {
  if (!isPlannedPlatform(name)) {
    throw failed("unknownPlatform", [name, Object.keys(PLANNED_PLATFORMS).join(", ")]);
  }
  const platform = { ...PLANNED_PLATFORMS[name], rpc: flags.withRpc === true };
  return {
    words,
    platform: flags.gpu === "auto" ? platform : { ...platform, backend: flags.gpu, reason: reason("askedWithGpu") },
    model,
    jobs: flags.jobs,
    ...plannedFolders(platform),
    gitUrl: LLAMA_CPP.gitUrl,
    endpoint: hubEndpoint({}),
  };
}

function isPlannedPlatform(name: string): name is PlannedPlatform {
  return Object.hasOwn(PLANNED_PLATFORMS, name);
}
