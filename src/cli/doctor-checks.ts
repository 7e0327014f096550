import { type Config, type ConfigOrigins, type ConfigSources, readConfigWithOrigins } from "../config/config.ts";
import { GptOssError, messageOf } from "../errors/errors.ts";
import { createError, localize, errorDetail, errorMessageIn } from "../i18n/error-messages.ts";
import type { CliText } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import {
  chooseModel,
  type LocalModel,
  listInstalledModels,
  listNamedFiles,
  type InstalledModel,
  type NamedFile,
} from "../llama-server/installed-models.ts";
import { findServer, type FoundServer } from "../llama-server/find-server.ts";
import { computingOf } from "../llama-server/batch-size.ts";
import { chooseContextSize, memoryAdvice, predictMemory, sizedModel } from "../llama-server/memory-estimate.ts";
import { askStatus } from "../llama-server/supervisor-client.ts";
import { readVerified } from "../llama-server/verify.ts";
import { ignoredServerVariables, serverSettings } from "../platform/child-environment.ts";
import { packageVersion } from "../platform/folders.ts";
import { modelBytes } from "../llama-server/model-catalogue.ts";
import { describePlatform, freeDisk, type Machine, type Platform, systemName } from "../platform/platform.ts";
import { type GgufFacts, ggufFactsOf } from "../gguf/gguf-facts.ts";
import { formatBytes } from "../terminal/format.ts";
import { padTo, widthOf } from "../terminal/text-width.ts";
import { showableText } from "../terminal/untrusted-text.ts";
import { describeServer } from "./serve-control.ts";

const LITTLE_DISK = 2e9;

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** What was found, in one line each. */
  readonly lines: readonly string[];
  /** What is wrong with it; undefined when all is right. */
  readonly problem?: string;
  /** The sentence that says how to fix it. */
  readonly remedy?: string;
}

export interface ExamineOptions extends ConfigSources {
  readonly machine: Machine;
  readonly cache: string;
  readonly words: CliText;
}

/** Looks at everything that a conversation needs; what can't be looked at is a finding too. */
export async function examine(options: ExamineOptions): Promise<readonly Finding[]> {
  const { words } = options;
  const { language } = words;
  const configured = await tryTo(language, () => readConfigWithOrigins(options, language));
  const config = configured.value?.config ?? {};
  const platform = await tryTo(language, () => describePlatform(options.machine));
  const server = await tryTo(language, () =>
    findServer({ ...options, named: config.llamaServer, rpc: config.rpc !== undefined, usePath: true }),
  );
  const model = await tryTo(language, () => chooseModel({ ...options, wanted: config.model }));
  return [
    { name: "gpt-oss", lines: [`${packageVersion()}, Node.js ${process.versions.node}`] },
    findPlatform(options.machine, platform, words),
    findProgram(server, platform.value, words),
    ...(await findModels(options)),
    await findModel(options, model, server.value, config, platform.value),
    await findServers(options),
    await findDisk(options),
    findConfiguration(configured, words),
  ];
}

interface Attempt<T> {
  readonly value?: T;
  readonly problem?: { readonly problem: string; readonly remedy?: string };
}

async function tryTo<T>(language: InterfaceLanguage, action: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { problem: asProblem(error, language) };
  }
}

function asProblem(error: unknown, language: InterfaceLanguage) {
  if (!GptOssError.isInstance(error)) return { problem: messageOf(error) };
  const { message, hint } = errorMessageIn(error, language);
  return { problem: message, ...(hint !== undefined && { remedy: hint }) };
}

function findPlatform(machine: Machine, platform: Attempt<Platform>, { doctor, language }: CliText): Finding {
  const { system, architecture, totalMemory } = machine;
  const name = doctor.platform;
  const memory = doctor.memory(formatBytes(totalMemory));
  if (platform.value === undefined)
    return { name, lines: [doctor.machine(`${system} ${architecture}`, memory)], ...platform.problem };
  const { backend, reason: because, system: known } = platform.value;
  const described = doctor.machine(`${systemName(known)} ${architecture}`, memory);
  return { name, lines: [doctor.machineAndBackend(described, backend, localize(language, because))] };
}

function findProgram(
  found: Attempt<FoundServer | undefined>,
  platform: Platform | undefined,
  { doctor }: CliText,
): Finding {
  const name = "llama-server";
  if (found.problem) return { name, lines: [], ...found.problem };
  if (found.value === undefined)
    return { name, lines: [doctor.none], problem: doctor.noServer, remedy: doctor.buildOne };
  const { version, origin, backend, path } = found.value;
  const lines = [doctor.server(version, backend ?? doctor.backendUnknown, doctor.origins[origin], path)];
  if (backend === "cpu" && platform && platform.backend !== "cpu") {
    const { backend: better } = platform;
    return { name, lines, problem: doctor.builtForCpu(better), remedy: doctor.buildFor(better) };
  }
  return { name, lines };
}

async function findModels({ environment, cache, words }: ExamineOptions): Promise<Finding[]> {
  const { language } = words;
  const listed = await tryTo(language, async () => ({
    installed: await listInstalledModels(environment, cache),
    files: await listNamedFiles(environment),
  }));
  if (listed.value === undefined) return [{ name: words.doctor.models, lines: [], ...listed.problem }];
  const { installed, files } = listed.value;
  return [
    ...installed.map((holding) => describeHolding(holding, words)),
    ...files.map((file) => describeNamedFile(file, words)),
  ];
}

function describeNamedFile({ name, path, bytes }: NamedFile, { doctor, language }: CliText): Finding {
  const finding = {
    name: doctor.model(name),
    lines: [bytes === undefined ? path : doctor.ownFile(formatBytes(bytes), path)],
  };
  return bytes === undefined
    ? { ...finding, ...asProblem(createError("namedFileMissing", [name, path]), language) }
    : finding;
}

function describeHolding(holding: InstalledModel, { doctor }: CliText): Finding {
  const { model, installedBytes, partialBytes, verified } = holding;
  const name = doctor.model(model.name);
  const remedy = doctor.goOn(model.name);
  if (partialBytes > 0) {
    const lines = [doctor.soFar(formatBytes(installedBytes + partialBytes))];
    return { name, lines, problem: doctor.partlyDownloaded, remedy };
  }
  const bytes = formatBytes(installedBytes);
  if (model.source === undefined) return { name, lines: [doctor.shipped(bytes)] };
  if (verified) return { name, lines: [doctor.verified(bytes)] };
  return { name, lines: [doctor.notChecked(bytes)], problem: doctor.filesNotChecked, remedy };
}

async function findModel(
  { cache, machine, words: { doctor, language } }: ExamineOptions,
  model: Attempt<LocalModel>,
  server: FoundServer | undefined,
  config: Config,
  platform: Platform | undefined,
): Promise<Finding> {
  const name = doctor.inUse;
  if (model.value === undefined) return { name, lines: [], ...model.problem };
  const { name: chosen, path, entry } = model.value;
  const facts = await tryTo(language, () => ggufFactsOf(path));
  if (facts.value === undefined) return { name, lines: [path], ...facts.problem };
  const most = facts.value.trainedContext ?? Number.POSITIVE_INFINITY;
  const computing = server && (await computingOf(server.path, model.value, { cache }));
  const input = { facts: facts.value, slots: 1, batchSize: computing?.batchSize, isCpu: computing?.isCpu ?? true };
  const { totalMemory } = machine;
  const context = Math.min(most, config.context ?? chooseContextSize({ ...input, totalMemory }));
  const memory = predictMemory({ ...input, contextPerSlot: context });
  const verified = server && (await readVerified(cache, server.path, path));
  const describe = config.context === undefined ? doctor.modelByItself : doctor.modelInUse;
  const lines = [
    describe(chosen, context),
    ...(config.context !== undefined && config.context > context ? [doctor.contextLimited(config.context)] : []),
    path,
    describeShape(facts.value, doctor),
    doctor.memoryOfModel(formatBytes(memory.private), formatBytes(memory.mapped)),
    ...describeEnvironment(machine.environment, doctor),
  ];
  if (verified?.layers) lines.push(doctor.layersAtSetup(verified.layers.offloaded, verified.layers.total));
  const sized = entry ? { ...entry, bytes: modelBytes(entry) } : sizedModel(chosen, facts.value);
  const advices = platform ? memoryAdvice(sized, platform) : [];
  const [advice, ...more] = advices.map((phrase) => localize(language, phrase));
  return advice === undefined ? { name, lines } : { name, lines: [...lines, ...more], problem: advice };
}

/** What the header of the model's file says of it. */
function describeShape(facts: GgufFacts, { shape }: CliText["doctor"]): string {
  const { architecture, layers, experts, slidingWindow, slidingLayers, trainedContext } = facts;
  return [
    architecture,
    ...(layers === undefined ? [] : [shape.layers(layers)]),
    ...(experts === 0 ? [] : [shape.experts(experts)]),
    ...(slidingWindow === undefined ? [] : [shape.window(slidingWindow, slidingLayers)]),
    ...(trainedContext === undefined ? [] : [shape.trainedContext(trainedContext)]),
  ].join(shape.comma);
}

/** The variables that a llama-server started from here would get, and those that look as if it would. */
function describeEnvironment(environment: Machine["environment"], doctor: CliText["doctor"]): readonly string[] {
  const handedOn = Object.entries(serverSettings(environment)).map(([name, value]) => `${name}=${showableText(value)}`);
  const ignored = ignoredServerVariables(environment);
  return [
    ...(handedOn.length > 0 ? [doctor.handedOn(handedOn.join(", "))] : []),
    ...(ignored.length > 0 ? [doctor.notHandedOn(ignored.join(", "))] : []),
  ];
}

async function findServers(options: ExamineOptions): Promise<Finding> {
  const { words } = options;
  const { doctor } = words;
  const name = doctor.servers;
  const status = await tryTo(words.language, () => askStatus(options));
  if (status.problem) return { name, lines: [], ...status.problem };
  const servers = status.value?.servers ?? [];
  const frozen = servers.find(({ state }) => state === "frozen");
  const failed = servers.find(({ state }) => state === "failed" || state === "restarting");
  const lines = servers.length === 0 ? [doctor.noneRunning] : servers.map((server) => describeServer(server, words));
  if (frozen?.pid !== undefined)
    return { name, lines, problem: localize(words.language, errorDetail("serverFrozen", frozen.pid)) };
  if (failed === undefined) return { name, lines };
  return {
    name,
    lines,
    problem: doctor.crashed(failed.model),
    remedy: doctor.lookAtLog,
  };
}

async function findDisk({ cache, words: { doctor } }: ExamineOptions): Promise<Finding> {
  const free = await freeDisk(cache);
  const found = { name: doctor.disk, lines: [doctor.free(formatBytes(free), cache)] };
  return free >= LITTLE_DISK ? found : { ...found, problem: doctor.littleRoom, remedy: doctor.seeWhatToRemove };
}

function findConfiguration(
  { value, problem }: Attempt<{ config: Config; origins: ConfigOrigins }>,
  { doctor, config: { keySet } }: CliText,
): Finding {
  const name = doctor.configuration;
  if (value === undefined) return { name, lines: [], ...problem };
  const lines = Object.entries(value.config).map(([setting, chosen]) => {
    const shown = setting === "apiKey" ? keySet : String(chosen);
    return doctor.setting(setting, shown, value.origins[setting as keyof Config]);
  });
  return { name, lines: lines.length > 0 ? lines : [doctor.allDefaults] };
}

/** The lines of each finding: its name and facts, then the problem and its remedy. */
export function describeFindings(findings: readonly Finding[]): readonly string[] {
  const width = Math.max(...findings.map(({ name }) => widthOf(name)));
  return findings.flatMap(({ name, lines, problem, remedy }) => {
    const said = [...lines, ...(problem === undefined ? [] : [`! ${problem}`]), ...(remedy ? [`  ${remedy}`] : [])];
    return said.map((line, place) => `${padTo(place === 0 ? name : "", width)}  ${line}`);
  });
}
