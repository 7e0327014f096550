import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Effort } from "../../config/effort.ts";
import { GptOssError } from "../../errors/errors.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt, type Prompt } from "../../prompts/prompts.ts";
import { templateVariables } from "../../prompts/template.ts";
import { createModuleProgram } from "../program/module-program.ts";
import type { Program, VariantSource } from "../program/program.ts";
import { createCodeProgram, isInvocable } from "../program/run-program.ts";
import type { CompleteDefinition, VariantDefinition } from "./schema.ts";
import type { DefinitionSource } from "./source.ts";

/** What of the settings a variant has of its own; the others are the experiment's. */
interface OwnSettings {
  readonly effort?: Effort;
  readonly temperature?: number;
  readonly maxTokens?: number;
}

/** What an experiment compares, without its settings. */
export type Subject = PromptSubject | ProgramSubject;

export interface PromptSubject {
  readonly kind: "prompt";
  readonly name: string;
  readonly prompt: Prompt;
  readonly own: OwnSettings;
  /** In place of the experiment's. */
  readonly tools: CompleteDefinition["tools"] | undefined;
  readonly toolbox: string | undefined;
  readonly responseSchema: Readonly<Record<string, unknown>> | undefined;
}

export interface ProgramSubject {
  readonly kind: "program";
  readonly name: string;
  readonly program: Program;
  readonly own: OwnSettings;
}

export interface SubjectPlace {
  readonly folder: string;
  readonly allowJavascript: boolean;
  /** Of a definition that is written in code. */
  readonly variants?: Readonly<Record<string, VariantSource>> | undefined;
}

/**
 * Loads the prompts and programs of a definition.
 * @throws GptOssError `usage` with the line of what is wrong
 */
export function readSubjects(
  { prompts, variants }: CompleteDefinition,
  source: DefinitionSource,
  place: SubjectPlace,
): readonly Subject[] {
  const read = [
    ...prompts.map((name, index) => ({
      at: ["prompts", index],
      subject: promptSubject(promptAt(name, ["prompts", index], source, place)),
    })),
    ...variants.map((variant, index) => ({
      at: ["variants", index],
      subject: writtenSubject(variant, ["variants", index], source, place),
    })),
    ...Object.entries(place.variants ?? {}).map(([name, given]) => ({
      at: ["variants", name],
      subject: codeSubject(name, given, source, place),
    })),
  ];
  for (const [index, { at, subject }] of read.entries()) {
    if (read.findIndex((other) => other.subject.name === subject.name) !== index)
      throw source.wrong(at, errorDetail(subject.kind === "prompt" ? "promptTwice" : "variantTwice", subject.name));
  }
  return read.map(({ subject }) => subject);
}

type Path = readonly (string | number)[];

function promptSubject(prompt: Prompt): PromptSubject {
  return {
    kind: "prompt",
    name: prompt.name,
    prompt,
    own: {},
    tools: undefined,
    toolbox: undefined,
    responseSchema: undefined,
  };
}

function writtenSubject(written: VariantDefinition, at: Path, source: DefinitionSource, place: SubjectPlace): Subject {
  const { name, effort, temperature, max_tokens: maxTokens } = written;
  const own = {
    ...(effort && { effort }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
  if ("prompt" in written) {
    const prompt = promptOf(written.prompt, written.system, [...at, "prompt"], source, place);
    const { tools, toolbox, response_schema: responseSchema } = written;
    return { kind: "prompt", name, prompt: { ...prompt, name }, own, tools, toolbox, responseSchema };
  }
  const path = resolveUserPath(written.module, place.folder);
  if (!existsSync(path)) throw source.wrong([...at, "module"], errorDetail("noFile", path));
  if (!place.allowJavascript) throw createError("untrustedProgram", [path]);
  const limitMs = written.time_limit * 1000;
  const program = createModuleProgram({ path, shown: written.module, options: written.with, limitMs });
  return { kind: "program", name, program, own };
}

function codeSubject(name: string, given: VariantSource, source: DefinitionSource, place: SubjectPlace): Subject {
  if (typeof given === "string") {
    const prompt = promptOf(given, undefined, ["variants", name], source, place);
    return promptSubject({ ...prompt, name });
  }
  const { run, version } =
    typeof given === "object" && "run" in given && "version" in given ? given : { run: given, version: undefined };
  if (typeof run !== "function" && !isInvocable(run)) throw source.wrong(["variants", name], errorDetail("noProgram"));
  return { kind: "program", name, program: createCodeProgram(name, run, version), own: {} };
}

/** A name or a path has no spaces and no `{{…}}`, unless it ends in `.md`; everything else is the message itself. */
function promptOf(
  given: string,
  system: string | undefined,
  at: Path,
  source: DefinitionSource,
  place: SubjectPlace,
): Prompt {
  const isReference = /^[^\n{]*\.md$/.test(given) || /^[\w-]+$/.test(given);
  if (isReference) {
    if (system !== undefined) throw source.wrong(at, errorDetail("systemInFile"));
    return promptAt(given, at, source, place);
  }
  const variables = templateVariables(`${system ?? ""}\n${given}`);
  if (variables.includes("history")) throw source.wrong(at, errorDetail("historyReserved"));
  return { name: "", system, variables, notes: undefined, body: given, path: at.join(".") };
}

function promptAt(name: string, at: Path, source: DefinitionSource, { folder }: SubjectPlace): Prompt {
  const file = resolveUserPath(name, folder);
  if (name.endsWith(".md") && !isAbsolute(name) && !existsSync(file))
    throw source.wrong(at, errorDetail("noFile", file));
  try {
    return loadPrompt(name.endsWith(".md") ? file : name);
  } catch (error) {
    if (!GptOssError.isInstance(error)) throw error;
    throw source.wrong(at, error.message);
  }
}
