import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { GptOssError } from "../errors/errors.ts";
import { loadExperimentFile } from "../experiment/definition/load-experiment.ts";
import { importPromptfoo } from "../experiment/import/promptfoo.ts";
import { createError } from "../i18n/error-messages.ts";
import { textFor } from "../i18n/catalogue.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import { stringify } from "../vendor/settings-formats.ts";
import type { CommandContext } from "./command-options.ts";

/** What names the folder of runs, as in a definition. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** @throws GptOssError `usage` for a name that a definition can't have */
function requireExperimentName(name: string): void {
  if (!NAME.test(name)) throw createError("badExperimentName", [name]);
}

/** `gpt-oss experiment init NAME`: writes an example with comments, which runs on the demo model. */
export async function initExperiment(name: string, { folder, language, stderr }: CommandContext): Promise<number> {
  requireExperimentName(name);
  const path = resolve(folder, "prompts/experiments", `${name}.yaml`);
  if (existsSync(path)) throw createError("experimentExists", [path]);
  await mkdir(dirname(path), { recursive: true });
  const words = textFor(language).cli.experiment;
  // `wx` fails if another process wrote the file in the meantime
  await writeFile(path, exampleOf(name, words.example), { flag: "wx" });
  const shown = relative(folder, path);
  stderr.write(`${showableLine(words.exampleWritten(shown, name))}\n`);
  return 0;
}

interface ExampleComments {
  readonly variants: string;
  readonly cases: string;
  readonly settings: string;
  readonly repeats: string;
  readonly checks: string;
  readonly requirements: string;
}

function commentLines(text: string): readonly string[] {
  return text.split("\n").map((line) => `# ${line}`);
}

function exampleOf(name: string, comments: ExampleComments): string {
  return [
    `name: ${JSON.stringify(name)}`,
    ...commentLines(comments.variants),
    "variants:",
    '  - { name: plain, prompt: "{{question}}" }',
    '  - { name: told, prompt: "{{question}}", system: "The user\'s name is Alice." }',
    ...commentLines(comments.cases),
    "cases:",
    '  - { id: name, variables: { question: "What is my name?" }, expected: Alice, tags: [memory] }',
    '  - { id: count, variables: { question: "Count to 3." }, expected: 1 2 3 }',
    '  - { id: repeat, variables: { question: "Repeat: red house" }, expected: red house }',
    ...commentLines(comments.settings),
    "settings: { effort: low, max_tokens: 256 }",
    ...commentLines(comments.repeats),
    "repeats: 1",
    ...commentLines(comments.checks),
    "checks:",
    '  - { type: contains, value: "{{expected}}" }',
    "  - { type: no_truncation }",
    ...commentLines(comments.requirements),
    "requirements: [errors <= 0]",
    "",
  ].join("\n");
}

/** `gpt-oss experiment import promptfooconfig.yaml`: writes an experiment beside it, and lists what could not be converted. */
export async function importExperiment(
  file: string,
  { name }: { readonly name?: string },
  { folder, language, stderr }: CommandContext,
): Promise<number> {
  const path = resolve(folder, file);
  const called = name ?? defaultName(path);
  requireExperimentName(called);
  const target = resolve(dirname(path), `${called}.yaml`);
  if (existsSync(target)) throw createError("experimentExists", [target]);
  const { definition, leftOut } = importPromptfoo(path, called);
  await writeFile(target, stringify(definition), { flag: "wx" });
  const words = textFor(language).cli.experiment;
  const say = (line: string) => stderr.write(`${showableLine(line)}\n`);
  const shown = relative(folder, target) || target;
  for (const place of leftOut) say(words.notImported(place));
  say(words.imported(shown, leftOut.length));
  try {
    await loadExperimentFile(target, { allowJavascript: false });
  } catch (error) {
    if (!GptOssError.isInstance(error)) throw error;
    // the file stays, so that the user can complete it
    say(words.importIncomplete(error.message));
    return 1;
  }
  return 0;
}

/** Of the folder, since most configurations are called alike. */
function defaultName(path: string): string {
  const own = basename(path).replace(/\.[^.]+$/, "");
  const name = /^promptfooconfig/i.test(own) ? basename(dirname(path)) : own;
  const clean = name
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[._-]+/, "");
  return clean === "" ? "imported" : clean;
}
