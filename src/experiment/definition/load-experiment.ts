import { existsSync, readdirSync } from "node:fs";
import { dirname, resolve, basename, join } from "node:path";
import { type GptOssError, systemCodeOf } from "../../errors/errors.ts";
import { errorDetail, createError, type LocalizedText } from "../../i18n/error-messages.ts";
import { packageFolder } from "../../platform/folders.ts";
import { templateName } from "../../prompts/template.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import type { CheckFunction } from "../checks/check.ts";
import { prepareChecks } from "../checks/prepare-checks.ts";
import type { Experiment, Setting } from "./experiment.ts";
import {
  parseRequirement,
  type Requirement,
  unknownMeasure,
  type CompleteDefinition,
  codeDefinitionSchema,
  definitionSchema,
  type ExperimentDefinition,
} from "./schema.ts";
import type { VariantSource } from "../program/program.ts";
import { withFileVariables } from "./file-variables.ts";
import { DefinitionSource } from "./source.ts";
import { readSubjects, type Subject } from "./subjects.ts";
import { readLabels, type Case, completeCase, readCaseFile, readText } from "./test-cases.ts";

/** A definition in code whose variants are prompts, functions and Runnables by name. */
export type CodeExperimentDefinition = Omit<ExperimentDefinition, "variants"> & {
  readonly variants: Readonly<Record<string, VariantSource>>;
};

export interface LoadOptions {
  /** Modules of javascript checks may be run. */
  readonly allowJavascript: boolean;
  /** Further checks, as functions, by name. */
  readonly checks?: Readonly<Record<string, CheckFunction>> | undefined;
}

/**
 * Reads a YAML file and everything that it names.
 * @throws GptOssError `usage` that names file, line and what is wrong
 */
export async function loadExperimentFile(path: string, options: LoadOptions): Promise<Experiment> {
  return await complete(DefinitionSource.ofYaml(readText(path), path), {
    ...options,
    path,
    folder: dirname(resolve(path)),
  });
}

/** The same for a definition written in code; relative paths begin at `folder`. */
export async function loadExperimentValue(
  definition: ExperimentDefinition | CodeExperimentDefinition,
  options: LoadOptions & { readonly folder: string },
): Promise<Experiment> {
  const { variants } = definition;
  if (variants === undefined || Array.isArray(variants)) {
    return await complete(DefinitionSource.ofValue(definition), { ...options, path: undefined });
  }
  const written = { ...definition, variants: [] };
  return await complete(DefinitionSource.ofValue(written), { ...options, path: undefined, variants });
}

interface Place extends LoadOptions {
  readonly path: string | undefined;
  /** Where relative paths begin. */
  readonly folder: string;
  readonly variants?: CodeExperimentDefinition["variants"] | undefined;
}

async function complete(source: DefinitionSource, place: Place): Promise<Experiment> {
  if (source.value === null || source.value === undefined) throw source.wrong([], errorDetail("emptyExperiment"));
  const parsed = (place.variants ? codeDefinitionSchema : definitionSchema).safeParse(source.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw issue ? source.wrongIssue(issue) : source.wrong([], errorDetail("notAsItShould"));
  }
  const definition = parsed.data;
  const subjects = readSubjects(definition, source, place);
  const cases = readCases(definition, source, place);
  requireVariables(subjects, cases, source);
  const baseline = definition.baseline ?? subjects[0]?.name ?? "";
  if (!subjects.some(({ name }) => name === baseline))
    throw source.wrong(["baseline"], errorDetail("noVariant", baseline, namesOf(subjects)));
  const checks = await prepareChecks(definition, { ...place, source, cases, subjects });
  return {
    name: definition.name,
    description: definition.description,
    path: place.path,
    subjects,
    cases,
    settings: settingsOf(definition, place),
    tools: definition.tools,
    toolbox: definition.toolbox,
    maxSteps: definition.max_steps,
    repeats: definition.repeats,
    seed: definition.seed,
    date: definition.date,
    context: definition.context,
    checks,
    baseline,
    requirements: readRequirements(definition, checks, source),
    labels: definition.labels === undefined ? [] : readLabels(resolveUserPath(definition.labels, place.folder)),
  };
}

function readRequirements(
  { requirements }: CompleteDefinition,
  checks: Experiment["checks"],
  source: DefinitionSource,
): readonly Requirement[] {
  const names = checks.map(({ name }) => name);
  return requirements.flatMap((text, index) => {
    const requirement = parseRequirement(text);
    const wrong = requirement && unknownMeasure(requirement, names);
    if (wrong !== undefined) throw source.wrong(["requirements", index], wrong);
    return requirement ?? [];
  });
}

function readCases(
  { cases, variables }: CompleteDefinition,
  source: DefinitionSource,
  { folder }: Place,
): readonly Case[] {
  const written =
    typeof cases === "string"
      ? readCaseFile(resolveUserPath(cases, folder))
      : cases.map((input, index) => completeCase(input, index, `cases.${index}`));
  const all = withFileVariables(written, {
    folder,
    shared: Object.fromEntries(Object.entries(variables).map(([name, value]) => [templateName(name), String(value)])),
    wrong: (input, index, what) => caseWrong(source, cases, index, input.where, what),
  });
  const ids = new Set<string>();
  for (const [index, { id, where }] of all.entries()) {
    if (ids.has(id)) throw caseWrong(source, cases, index, where, `another case is called ${id} too`);
    ids.add(id);
  }
  return all;
}

/** Every variable of every variant has to stand in every case. */
function requireVariables(subjects: readonly Subject[], cases: readonly Case[], source: DefinitionSource): void {
  for (const subject of subjects) {
    const { name } = subject;
    // a program takes what it needs
    const variables = subject.kind === "prompt" ? subject.prompt.variables : [];
    for (const [index, { id, where, variables: values }] of cases.entries()) {
      const missing = variables.find((variable) => !Object.hasOwn(values, variable));
      if (missing === undefined) continue;
      throw caseWrong(source, undefined, index, where, `case ${id} has no variable ${missing}, which ${name} uses`);
    }
  }
}

function caseWrong(
  source: DefinitionSource,
  cases: unknown,
  index: number,
  where: string,
  message: LocalizedText,
): GptOssError {
  return typeof cases === "string" || !where.startsWith("cases.")
    ? source.wrong(["cases"], errorDetail("atField", where, message))
    : source.wrong(["cases", index], message);
}

function settingsOf({ settings }: CompleteDefinition, { folder }: Place): readonly Setting[] {
  // a file is looked for where the definition's other files are, a catalogue name nowhere
  const models = listOf(settings.model).map((model) =>
    model?.endsWith(".gguf") ? resolveUserPath(model, folder) : model,
  );
  const all = models.flatMap((model) =>
    listOf(settings.effort).flatMap((effort) =>
      listOf(settings.max_tokens).flatMap((maxTokens) =>
        listOf(settings.temperature).map((temperature) => ({ model, effort, maxTokens, temperature })),
      ),
    ),
  );
  // a value that is listed twice is one setting: a second one would be compared with itself
  return [...new Map(all.map((setting) => [JSON.stringify(setting), setting])).values()];
}

function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

function namesOf(subjects: readonly Subject[]): string {
  return subjects.map(({ name }) => name).join(", ");
}

export interface ExperimentFile {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** It comes with the package, so that what it runs is trusted. */
  readonly shipped: boolean;
}

/** Undefined for a program that has this code in its bundle, without the package. */
function shippedFolder(): string | undefined {
  const root = packageFolder();
  return root === undefined ? undefined : join(root, "prompts/experiments");
}

/** What can be run by name: the current folder's `prompts/experiments/`, then what ships with the package. */
export function listExperiments(folder: string): readonly ExperimentFile[] {
  const own = resolve(folder, "prompts/experiments");
  const shipped = shippedFolder();
  const found = [...new Set([own, ...(shipped === undefined ? [] : [shipped])])].flatMap((directory) =>
    experimentFilesIn(directory).map((file) => ({
      name: basename(file).replace(/\.ya?ml$/i, ""),
      path: join(directory, file),
      shipped: directory === shipped,
    })),
  );
  return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index);
}

function experimentFilesIn(directory: string): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(directory);
  } catch (error) {
    // a folder that is not there, is a file or can't be read has no experiments to offer
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
  return files.filter((file) => /\.ya?ml$/i.test(file)).toSorted();
}

/**
 * Finds an experiment by the path of its YAML file, or by name.
 * @throws GptOssError `usage` that lists what there is
 */
export function findExperiment(nameOrPath: string, folder: string): ExperimentFile {
  if (/\.ya?ml$/i.test(nameOrPath)) {
    const path = resolve(folder, nameOrPath);
    if (!existsSync(path)) throw createError("noExperimentFile", [path]);
    const shipped = shippedFolder();
    const isShipped = shipped !== undefined && path.startsWith(join(shipped, "/"));
    return { name: basename(path).replace(/\.ya?ml$/i, ""), path, shipped: isShipped };
  }
  const all = listExperiments(folder);
  const found = all.find(({ name }) => name === nameOrPath);
  if (found) return found;
  throw createError("unknownExperiment", [nameOrPath, all.map(({ name }) => name).join(", ")]);
}
