import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { createError } from "../i18n/error-messages.ts";
import { textFor } from "../i18n/catalogue.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";

/** What names the folder of runs, as in a definition. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** @throws GptOssError `usage` for a name that a definition can't have */
export function requireExperimentName(name: string): void {
  if (!NAME.test(name)) throw createError("badExperimentName", [name]);
}

/** `gpt-oss experiment init NAME`: writes an example with comments, which runs on the demo model. */
export async function initExperiment(name: string, { folder, language, stderr }: CommandContext): Promise<number> {
  requireExperimentName(name);
  const path = resolve(folder, "prompts/experiments", `${name}.yaml`);
  if (existsSync(path)) throw createError("experimentExists", [path]);
  await mkdir(dirname(path), { recursive: true });
  const words = textFor(language).cli.experiment;
  // another process may have written it meanwhile
  await writeFile(path, exampleOf(name, words.example), { flag: "wx" });
  const shown = relative(folder, path);
  stderr.write(`${showableLine(words.exampleWritten(join(shown), name))}\n`);
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
