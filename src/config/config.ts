import { closest } from "fastest-levenshtein";
import { systemCodeOf } from "../errors/errors.ts";
import { createError, localize, errorDetail } from "../i18n/error-messages.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { findUserPath, readUserFile, readUserFileIfPresent } from "../platform/user-file.ts";
import { configFilePath, dotenvIn } from "./config-places.ts";
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
import {
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  parseDotenv,
  type YAMLParseError,
} from "../vendor/settings-formats.ts";

export type { Config, ConfigText } from "./settings.ts";

const MAX_DOTENV_BYTES = 1024 * 1024;

export interface ConfigSources {
  readonly flags: ConfigText;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, whose .env is read. */
  readonly folder: string;
}

/** Where each value comes from, in the user's words: `--model`, `GPT_OSS_MODEL`, `GPT_OSS_MODEL in /x/.env`, `model in /y/config.yaml`. */
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
  return file === undefined ? name : localize(language, errorDetail("settingIn", name, file));
}

function check(values: Partial<Record<Setting, string>>, places: Readonly<Partial<Record<Setting, Place>>>): Config {
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  const setting = result.error.issues[0]?.path[0] as Setting;
  const { name, file } = places[setting] ?? { name: setting };
  throw createError("badSetting", [
    file === undefined ? name : errorDetail("settingIn", name, file),
    JSON.stringify(values[setting]),
    ALLOWED[setting] ?? errorDetail("notAllowed"),
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

const MAX_BYTES = 1024 * 1024;

/** The contents of a settings file. */
export interface ConfigFile {
  readonly text: ConfigText;
  /** The line of each, from 1 on. */
  readonly lines: Readonly<Partial<Record<Setting, number>>>;
}

/**
 * The settings in the file, as text: `effort: high`, a line each, named like the flags. None without a file.
 * @throws GptOssError `usage` that names the file, the line and what is wrong there
 */
export function readConfigFile(path: string): ConfigFile {
  const content = readUserFileIfPresent(path, { maxBytes: MAX_BYTES });
  const text: Partial<Record<Setting, string>> = {};
  const lines: Partial<Record<Setting, number>> = {};
  if (content === undefined) return { text, lines };
  const counter = new LineCounter();
  const document = parseDocument(content, { lineCounter: counter });
  const [error] = document.errors;
  if (error)
    throw createError("badSettings", [path, errorDetail("atLine", counter.linePos(error.pos[0]).line, whatOf(error))]);
  if (document.contents === null) return { text, lines };
  if (!isMap(document.contents)) throw createError("badSettings", [path, errorDetail("nameAndValue")]);
  for (const { key, value } of document.contents.items) {
    const name = String(key);
    const line = isScalar(key) ? counter.linePos(key.range?.[0] ?? 0).line : 1;
    const setting = SETTINGS.find((known) => kebab(known) === name || known === name);
    if (setting === undefined) {
      const names = SETTINGS.map(kebab);
      throw createError("unknownSetting", [path, line, name, closest(name, names), names.join(", ")]);
    }
    if (value !== null && !isScalar(value))
      throw createError("badSettings", [path, errorDetail("atLine", line, errorDetail("oneValue", name))]);
    if (value === null || value.value === null) continue;
    text[setting] = value.source ?? "";
    lines[setting] = line;
  }
  return { text, lines };
}

/** The parser's first line, without its own words for the place. */
function whatOf(error: YAMLParseError): string {
  return error.message.split("\n")[0]?.replace(/ at line.*/, "") ?? "";
}

export interface ForeignServer {
  readonly url: string;
  /** The file that names it. */
  readonly file: string;
}

/**
 * A server on another machine that the current folder's .env names, and neither the user's flags nor the environment: a folder that one
 * happens to be in sends what is said to somebody, and the user is to know of it before anything is sent.
 */
export function foreignServer(sources: ConfigSources): ForeignServer | undefined {
  const { config, places } = readConfigWithPlaces(sources);
  const file = dotenvIn(sources.folder);
  if (config.baseUrl === undefined || places.baseUrl?.file !== file) return undefined;
  return isLoopback(new URL(config.baseUrl).hostname) ? undefined : { url: config.baseUrl, file };
}

/** Whether a host, as in a URL or after `--host`, is only this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127\.\d+\.\d+\.\d+)$/.test(host);
}
