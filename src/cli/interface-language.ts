import { configFilePath, dotenvIn } from "../config/config-places.ts";
import { GptOssError } from "../errors/errors.ts";
import { help as english } from "../i18n/en/help.ts";
import { detectLanguage, INTERFACE_LANGUAGES, type InterfaceLanguage, LANGUAGE_VARIABLE } from "../i18n/language.ts";
import { readUserFile } from "../platform/user-file.ts";
import type { CommandContext, HelpLanguage } from "./command-options.ts";

type Surroundings = Pick<CommandContext, "environment" | "folder">;

/**
 * The language for help, for a failure of whatever command, and for what a command without `--lang` says: as the settings say it, and where these are what is wrong, as near to it
 * as can be. What reads and checks files of settings is several times as large as the program that shows help, and only loaded where a
 * file may name a language.
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

/** `--lang ja`, `--lang=ja` */
function flagIn(words: readonly string[]): string | undefined {
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
    // whether it is missing or can't be read: whoever needs it says so
    return false;
  }
}

/** Commander speaks it by itself. */
export const ENGLISH: HelpLanguage = { texts: english, layout: {}, usageError: (message) => message };

/** Other languages are loaded when they are spoken. */
export async function helpIn(language: InterfaceLanguage): Promise<HelpLanguage> {
  return language === "en" ? ENGLISH : (await import("./japanese-help.ts")).JAPANESE;
}
