import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseDotenv } from "dotenv";
import { GptOssError, systemCodeOf } from "../errors.ts";
import { configFilePath, readConfigFile } from "./config-file.ts";
import {
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

/** The same, with the origin of each value that is not a default. */
export function readConfigWithOrigins({ flags, environment, folder }: ConfigSources): {
  config: Config;
  origins: ConfigOrigins;
} {
  const dotenvPath = join(folder, ".env");
  const dotenv = readDotenv(dotenvPath);
  const filePath = configFilePath(environment);
  const file = readConfigFile(filePath);
  const values: Partial<Record<Setting, string>> = {};
  const origins: Partial<Record<Setting, string>> = {};
  for (const setting of SETTINGS) {
    const variable = VARIABLES[setting];
    const candidates = [
      { value: flags[setting], origin: `--${kebab(setting)}` },
      { value: environment[variable], origin: variable },
      ...(DOTENV_SETTINGS.has(setting) ? [{ value: dotenv[variable], origin: `${variable} in ${dotenvPath}` }] : []),
      { value: file[setting], origin: `${kebab(setting)} in ${filePath}` },
    ];
    const chosen = candidates.find(({ value }) => value !== undefined && value !== "");
    if (chosen?.value === undefined) continue;
    values[setting] = chosen.value;
    origins[setting] = chosen.origin;
  }
  // a key from elsewhere belongs to the user's own servers, not to whichever address a folder's .env names
  if (origins.baseUrl?.endsWith(dotenvPath) && !origins.apiKey?.endsWith(dotenvPath)) {
    const own = dotenv[VARIABLES.apiKey];
    if (own) values.apiKey = own;
    else delete values.apiKey;
    origins.apiKey = own ? `${VARIABLES.apiKey} in ${dotenvPath}` : undefined;
  }
  return { config: check(values, origins), origins };
}

function check(values: Partial<Record<Setting, string>>, origins: ConfigOrigins): Config {
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const setting = issue?.path[0] as Setting;
  throw new GptOssError(
    "usage",
    `${origins[setting] ?? setting} is ${JSON.stringify(values[setting])}: ${issue?.message ?? "not allowed"}.`,
    {
      hint: "See gpt-oss --help for what is allowed.",
    },
  );
}

function readDotenv(path: string): Readonly<Record<string, string>> {
  try {
    return parseDotenv(readFileSync(path, "utf8"));
  } catch (error) {
    if (["ENOENT", "EISDIR", "EACCES"].includes(systemCodeOf(error) ?? "")) return {};
    throw error;
  }
}
