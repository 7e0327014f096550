import { detectLanguage } from "../chat/language/language.ts";
import { readConfig } from "../config/config.ts";
import { INTERFACE_LANGUAGES, type InterfaceLanguage } from "../config/interface.ts";
import { VARIABLES } from "../config/settings.ts";
import { GptOssError } from "../errors.ts";
import type { World } from "./world.ts";

/** The language for a failure of whatever command: as the settings say it, and where these are what is wrong, as near to it as can be. */
export function interfaceLanguage(
  words: readonly string[],
  { environment, folder }: Pick<World, "environment" | "folder">,
): InterfaceLanguage {
  const flag = flagIn(words);
  try {
    return readConfig({ flags: { lang: flag }, environment, folder }).lang ?? detectLanguage(environment);
  } catch (error) {
    if (!GptOssError.isInstance(error)) throw error;
    const named = new Set([flag, environment[VARIABLES.lang]]);
    return INTERFACE_LANGUAGES.find((language) => named.has(language)) ?? detectLanguage(environment);
  }
}

/** `--lang ja`, `--lang=ja` */
function flagIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === "--lang" || word.startsWith("--lang="));
  return at < 0 ? undefined : (words[at]?.split("=")[1] ?? words[at + 1]);
}
