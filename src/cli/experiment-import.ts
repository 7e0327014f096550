import { writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { stringify } from "../vendor/settings-formats.ts";
import { importPromptfoo } from "../experiment/import/promptfoo.ts";
import { loadExperimentFile } from "../experiment/definition/load-experiment.ts";
import { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { textFor } from "../i18n/catalogue.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import { requireExperimentName } from "./experiment-init.ts";
import type { CommandContext } from "./command-options.ts";

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
    // it is there to be completed
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
