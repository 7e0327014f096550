import { findServer, type FoundServer } from "../../setup/find-server.ts";
import { formatBytes } from "../../setup/format.ts";
import { memoryAdvice } from "../../setup/model/memory-advice.ts";
import { listInstalledModels, type ModelHolding } from "../../setup/model/install.ts";
import { describePlatform, freeDisk, type Machine, type Platform, systemName } from "../../setup/platform.ts";
import { readVerified } from "../../setup/verify.ts";
import { type Config, type ConfigOrigins, type ConfigSources, readConfigWithOrigins } from "../config/config.ts";
import { GptOssError, messageOf } from "../errors.ts";
import { chooseModel, type LocalModel } from "../server/choose-model.ts";
import { askStatus } from "../server/client/ask-supervisor.ts";
import { contextSizeFor } from "../server/open-server.ts";
import { describeServer } from "./serve-control.ts";

const LITTLE_DISK = 2e9;

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** What is there, in one line each. */
  readonly lines: readonly string[];
  /** What is wrong with it; undefined when all is right. */
  readonly problem?: string;
  /** The sentence that says how to mend it. */
  readonly mend?: string;
}

export interface ExamineOptions extends ConfigSources {
  readonly machine: Machine;
  readonly cache: string;
}

/** Looks at everything that a conversation needs; what can't be looked at is a finding too. */
export async function examine(options: ExamineOptions): Promise<readonly Finding[]> {
  const configured = tryTo(() => readConfigWithOrigins(options));
  const config = configured.value?.config ?? {};
  const platform = await tryToAsync(() => describePlatform(options.machine));
  const server = await tryToAsync(() =>
    findServer({ ...options, named: config.llamaServer, rpc: config.rpc !== undefined, usePath: true }),
  );
  const model = await tryToAsync(() => chooseModel({ ...options, wanted: config.model }));
  return [
    findPlatform(options.machine, platform),
    findProgram(server, platform.value),
    ...(await findModels(options)),
    await findModel(options, model, server.value, config, platform.value),
    await findServers(options),
    await findDisk(options.cache),
    findConfiguration(configured),
  ];
}

interface Attempt<T> {
  readonly value?: T;
  readonly problem?: { readonly problem: string; readonly mend?: string };
}

function tryTo<T>(action: () => T): Attempt<T> {
  try {
    return { value: action() };
  } catch (error) {
    return { problem: asProblem(error) };
  }
}

async function tryToAsync<T>(action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { problem: asProblem(error) };
  }
}

function asProblem(error: unknown) {
  const mend = GptOssError.isInstance(error) ? error.hint : undefined;
  return { problem: messageOf(error), ...(mend !== undefined && { mend }) };
}

function findPlatform({ system, architecture, totalMemory }: Machine, platform: Attempt<Platform>): Finding {
  const memory = `${formatBytes(totalMemory)} memory`;
  if (platform.value === undefined)
    return { name: "platform", lines: [`${system} ${architecture}, ${memory}`], ...platform.problem };
  const { backend, reason, system: known } = platform.value;
  return { name: "platform", lines: [`${systemName(known)} ${architecture}, ${memory}; ${backend}: ${reason}`] };
}

function findProgram(found: Attempt<FoundServer | undefined>, platform: Platform | undefined): Finding {
  const name = "llama-server";
  if (found.problem) return { name, lines: [], ...found.problem };
  const mend = "Build one with: npx gpt-oss setup";
  if (found.value === undefined) return { name, lines: ["none"], problem: "There is no llama-server.", mend };
  const { version, origin, backend, path } = found.value;
  const lines = [`${version}, ${backend ?? "backend not known"} (${origin}): ${path}`];
  if (backend === "cpu" && platform && platform.backend !== "cpu") {
    const problem = `It was built for the CPU, and this machine could use ${platform.backend}.`;
    return { name, lines, problem, mend: `Build one for it with: npx gpt-oss setup --gpu ${platform.backend}` };
  }
  return { name, lines };
}

async function findModels({ environment, cache }: ExamineOptions): Promise<Finding[]> {
  return (await listInstalledModels(environment, cache)).map(describeHolding);
}

function describeHolding({ model, installedBytes, partialBytes, verified }: ModelHolding): Finding {
  const name = `model ${model.name}`;
  const mend = `Go on with: npx gpt-oss setup --model ${model.name}`;
  if (partialBytes > 0) {
    const lines = [`${formatBytes(installedBytes + partialBytes)} so far`];
    return { name, lines, problem: "It is partly downloaded.", mend };
  }
  if (model.source === undefined) return { name, lines: [`${formatBytes(installedBytes)}, comes with the package`] };
  const lines = [`${formatBytes(installedBytes)}, SHA-256 ${verified ? "verified" : "not checked yet"}`];
  return verified ? { name, lines } : { name, lines, problem: "Its files have not been checked.", mend };
}

async function findModel(
  { cache, machine }: ExamineOptions,
  model: Attempt<LocalModel>,
  server: FoundServer | undefined,
  config: Config,
  platform: Platform | undefined,
): Promise<Finding> {
  const name = "in use";
  if (model.value === undefined) return { name, lines: [], ...model.problem };
  const { name: chosen, path, entry } = model.value;
  const context = config.context ?? contextSizeFor(model.value, machine.totalMemory);
  const verified = server && (await readVerified(cache, server.path, path));
  const lines = [
    `${chosen}, context ${context} tokens${config.context === undefined ? ", by model and memory" : ""}`,
    path,
  ];
  if (verified?.layers)
    lines.push(`${verified.layers.offloaded} of ${verified.layers.total} layers on the GPU at setup`);
  const [advice, ...more] = entry && platform ? memoryAdvice(entry, platform) : [];
  return advice === undefined ? { name, lines } : { name, lines: [...lines, ...more], problem: advice };
}

async function findServers(options: ExamineOptions): Promise<Finding> {
  const name = "servers";
  const status = await tryToAsync(() => askStatus(options));
  if (status.problem) return { name, lines: [], ...status.problem };
  const servers = status.value?.servers ?? [];
  const failed = servers.find(({ state }) => state === "failed" || state === "restarting");
  const lines = servers.length === 0 ? ["none running; a chat starts one"] : servers.map(describeServer);
  if (failed === undefined) return { name, lines };
  return {
    name,
    lines,
    problem: `The server for ${failed.model} has crashed.`,
    mend: "Look at: npx gpt-oss serve logs",
  };
}

async function findDisk(cache: string): Promise<Finding> {
  const free = await freeDisk(cache);
  const lines = [`${formatBytes(free)} free at ${cache}`];
  if (free >= LITTLE_DISK) return { name: "disk", lines };
  return {
    name: "disk",
    lines,
    problem: "There is little room left.",
    mend: "See what can be removed with: npx gpt-oss setup --list",
  };
}

function findConfiguration({ value, problem }: Attempt<{ config: Config; origins: ConfigOrigins }>): Finding {
  const name = "configuration";
  if (value === undefined) return { name, lines: [], ...problem };
  const lines = Object.entries(value.config).map(([setting, chosen]) => {
    const shown = setting === "apiKey" ? "(set)" : String(chosen);
    return `${setting} = ${shown}, from ${value.origins[setting as keyof Config] ?? "a default"}`;
  });
  return { name, lines: lines.length > 0 ? lines : ["all defaults"] };
}
