import { parse as parseDotenv } from "dotenv";
import { systemCodeOf } from "../errors.ts";
import { findUserPath, readUserFile } from "../platform/user-file.ts";
import { failed, phraseIn, reason } from "../failures/failure.ts";
import { readConfigFile } from "./config-file.ts";
import { configFilePath, dotenvIn } from "./config-places.ts";
import type { InterfaceLanguage } from "./interface.ts";
import {
  ALLOWED,
  type Config,
  configSchema,
  type ConfigText,
  DOTENV_SETTINGS,
  kebab,
  type Setting,
  SETTINGS,
  VARIABLES,
} from "./settings.ts";

export type { Config, ConfigText } from "./settings.ts";

const MAX_DOTENV_BYTES = 1024 * 1024;

export interface ConfigSources {
  readonly flags: ConfigText;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, whose .env is read. */
  readonly folder: string;
}

/** Where each value comes from, in the words of whoever set it: `--model`, `GPT_OSS_MODEL`, `GPT_OSS_MODEL in /x/.env`, `model in /y/config.yaml`. */
export type ConfigOrigins = Readonly<Partial<Record<Setting, string>>>;

/**
 * Flags over environment over the current folder's .env over the user's file; an empty value counts as not given.
 * @throws GptOssError `usage` that names the setting, where it stands, its value and what is allowed
 */
export function readConfig(sources: ConfigSources): Config {
  return readConfigWithOrigins(sources).config;
}

/** The same, with the origin of each value that is not a default. @param language of the words in an origin */
export function readConfigWithOrigins(
  sources: ConfigSources,
  language: InterfaceLanguage = "en",
): { config: Config; origins: ConfigOrigins } {
  const { config, places } = readConfigWithPlaces(sources);
  const origins = Object.fromEntries(
    Object.entries(places).map(([setting, place]) => [setting, describePlace(place, language)]),
  );
  return { config, origins };
}

/** The same, with the place where each of these values stands. */
export function readConfigWithPlaces({ flags, environment, folder }: ConfigSources): {
  config: Config;
  places: Readonly<Partial<Record<Setting, Place>>>;
} {
  const dotenvPath = dotenvIn(folder);
  const dotenv = readDotenv(dotenvPath);
  const filePath = configFilePath(environment);
  const { text: file, lines } = readConfigFile(filePath);
  const values: Partial<Record<Setting, string>> = {};
  const places: Partial<Record<Setting, Place>> = {};
  for (const setting of SETTINGS) {
    const variable = VARIABLES[setting];
    const candidates: readonly (Place & { readonly value: string | undefined })[] = [
      { value: flags[setting], name: `--${kebab(setting)}` },
      { value: environment[variable], name: variable },
      ...(DOTENV_SETTINGS.has(setting) ? [{ value: dotenv[variable], name: variable, file: dotenvPath }] : []),
      { value: file[setting], name: kebab(setting), file: `${filePath}:${lines[setting] ?? ""}` },
    ];
    const chosen = candidates.find(({ value }) => value !== undefined && value !== "");
    if (chosen?.value === undefined) continue;
    values[setting] = chosen.value;
    places[setting] = chosen;
  }
  // a key from elsewhere belongs to the user's own servers, not to whichever address a folder's .env names
  if (places.baseUrl?.file === dotenvPath && places.apiKey?.file !== dotenvPath) {
    const own = dotenv[VARIABLES.apiKey];
    delete values.apiKey;
    delete places.apiKey;
    if (own) [values.apiKey, places.apiKey] = [own, { name: VARIABLES.apiKey, file: dotenvPath }];
  }
  return { config: check(values, places), places };
}

/** Where a value stands: a flag or a variable, or a name in a file. */
export interface Place {
  readonly name: string;
  readonly file?: string;
}

function describePlace({ name, file }: Place, language: InterfaceLanguage): string {
  return file === undefined ? name : phraseIn(language, reason("settingIn", name, file));
}

function check(values: Partial<Record<Setting, string>>, places: Readonly<Partial<Record<Setting, Place>>>): Config {
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  const setting = result.error.issues[0]?.path[0] as Setting;
  const { name, file } = places[setting] ?? { name: setting };
  throw failed("badSetting", [
    file === undefined ? name : reason("settingIn", name, file),
    JSON.stringify(values[setting]),
    ALLOWED[setting] ?? reason("notAllowed"),
  ]);
}

function readDotenv(path: string): Readonly<Record<string, string>> {
  try {
    const found = findUserPath(path);
    // Python's virtual environments are often folders named .env
    if (found === undefined || found.kind === "folder") return {};
    return parseDotenv(readUserFile(path, { maxBytes: MAX_DOTENV_BYTES }));
  } catch (error) {
    // somebody else's folder: a .env that only they may read is not for this user
    if (["EACCES", "EPERM"].includes(systemCodeOf(error) ?? "")) return {};
    throw error;
  }
}
