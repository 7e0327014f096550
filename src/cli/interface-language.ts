import { configFilePath, dotenvIn } from "../config/config-places.ts";
import { GptOssError } from "../errors/errors.ts";
import { detectLanguage, INTERFACE_LANGUAGES, type InterfaceLanguage, LANGUAGE_VARIABLE } from "../i18n/language.ts";
import { readUserFile } from "../platform/user-file.ts";
import type { CommandContext, HelpLanguage } from "./command-options.ts";
import { helpLayout } from "./help-layout.ts";

type Surroundings = Pick<CommandContext, "environment" | "folder">;

/**
 * The language of the interface, by the settings, or as near to it as they allow where they are wrong. It is known before the command line is
 * parsed, so that help and errors speak it. The module that reads and checks settings is several times as large as the program that shows
 * help, so it is only loaded where a file may name a language.
 */
export async function interfaceLanguage(
  world: Surroundings,
  words: readonly string[] = [],
): Promise<InterfaceLanguage> {
  const { environment } = world;
  const named = [flagIn(words), environment[LANGUAGE_VARIABLE]].filter(Boolean);
  const chosen = named.length > 0 ? named.find(isLanguage) : await languageInFiles(world);
  return chosen ?? detectLanguage(environment);
}

function isLanguage(name: string | undefined): name is InterfaceLanguage {
  return INTERFACE_LANGUAGES.some((language) => language === name);
}

/** `--lang ja`, `--lang=ja`; after `--` it is text. */
function flagIn(all: readonly string[]): string | undefined {
  const words = all.includes("--") ? all.slice(0, all.indexOf("--")) : all;
  const at = words.findIndex((word) => word === "--lang" || word.startsWith("--lang="));
  return at < 0 ? undefined : (words[at]?.split("=")[1] ?? words[at + 1]);
}

async function languageInFiles({ environment, folder }: Surroundings): Promise<InterfaceLanguage | undefined> {
  if (![dotenvIn(folder), configFilePath(environment)].some(mayNameLanguage)) return undefined;
  const { readConfig } = await import("../config/config.ts");
  try {
    return readConfig({ flags: {}, environment, folder }).lang;
  } catch (error) {
    if (GptOssError.isInstance(error)) return undefined;
    throw error;
  }
}

function mayNameLanguage(path: string): boolean {
  try {
    return /lang/i.test(readUserFile(path));
  } catch {
    // whether it is missing or can't be read is reported where it is needed
    return false;
  }
}

/** How the command line speaks a language; a language is loaded when it is spoken. */
export async function helpIn(language: InterfaceLanguage): Promise<HelpLanguage> {
  if (language === "en") {
    const { help: texts } = await import("../i18n/en/help.ts");
    return { texts, layout: helpLayout(texts) };
  }
  const [{ help: texts }, { japaneseLayout }] = await Promise.all([
    import("../i18n/ja/help.ts"),
    import("./japanese-layout.ts"),
  ]);
  return { texts, layout: { ...helpLayout(texts), ...japaneseLayout } };
}
