import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseDotenv } from "dotenv";
import { z } from "zod";
import { GptOssError, systemCodeOf } from "../errors.ts";
import { EFFORTS } from "./effort.ts";

/** Everything that flags, environment and .env may say, as text. Each setting has one flag and one variable. */
export interface ConfigText {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly llamaServer?: string | undefined;
  readonly context?: string | undefined;
  readonly port?: string | undefined;
  readonly effort?: string | undefined;
  readonly maxTokens?: string | undefined;
  readonly gitUrl?: string | undefined;
  readonly tracing?: string | undefined;
  readonly idleSeconds?: string | undefined;
  readonly rpc?: string | undefined;
}

type Setting = keyof ConfigText;

const VARIABLES: Readonly<Record<Setting, string>> = {
  model: "GPT_OSS_MODEL",
  baseUrl: "OPENAI_BASE_URL",
  apiKey: "OPENAI_API_KEY",
  llamaServer: "GPT_OSS_LLAMA_SERVER",
  context: "GPT_OSS_CONTEXT",
  port: "GPT_OSS_PORT",
  effort: "GPT_OSS_EFFORT",
  maxTokens: "GPT_OSS_MAX_TOKENS",
  gitUrl: "GPT_OSS_LLAMA_CPP_URL",
  tracing: "GPT_OSS_TRACING",
  idleSeconds: "GPT_OSS_IDLE_SECONDS",
  rpc: "GPT_OSS_RPC",
};

/** A .env comes with the folder one happens to be in: it may say what to talk to and how, not which program to run or what to send out. */
const DOTENV_SETTINGS: ReadonlySet<Setting> = new Set([
  "model",
  "baseUrl",
  "apiKey",
  "context",
  "port",
  "effort",
  "maxTokens",
  "idleSeconds",
]);

const wholeNumber = (from: number, to: number) => z.coerce.number<string>().int().min(from).max(to);

const configSchema = z.object({
  model: z.string().optional(),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: z.string().optional(),
  llamaServer: z.string().optional(),
  context: wholeNumber(256, 1_048_576).optional(),
  port: wholeNumber(0, 65_535).optional(),
  effort: z.enum(EFFORTS).optional(),
  maxTokens: wholeNumber(1, 1_048_576).optional(),
  gitUrl: z.string().optional(),
  tracing: z.stringbool().optional(),
  /** Seconds that a server of ours lives on when nobody uses it any more. */
  idleSeconds: z.coerce.number<string>().min(0).max(604_800).optional(),
  /** rpc-servers, `host:port,host:port`. */
  rpc: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, "it has to be host:port, several with commas between them")
    .optional(),
});

/** The settings of one invocation, checked. */
export type Config = z.infer<typeof configSchema>;

export interface ConfigSources {
  readonly flags: ConfigText;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, whose .env is read. */
  readonly folder: string;
}

/** Where each value comes from, in the words of whoever set it: `--model`, `GPT_OSS_MODEL`, `GPT_OSS_MODEL in /x/.env`. */
export type ConfigOrigins = Readonly<Partial<Record<Setting, string>>>;

/**
 * Flags over environment over .env; an empty value counts as not given.
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
  const dotenv = readDotenv(folder);
  const values: Partial<Record<Setting, string>> = {};
  const origins: Partial<Record<Setting, string>> = {};
  for (const setting of Object.keys(VARIABLES) as Setting[]) {
    const variable = VARIABLES[setting];
    const candidates = [
      { value: flags[setting], origin: `--${kebab(setting)}` },
      { value: environment[variable], origin: variable },
      ...(DOTENV_SETTINGS.has(setting)
        ? [{ value: dotenv[variable], origin: `${variable} in ${join(folder, ".env")}` }]
        : []),
    ];
    const chosen = candidates.find(({ value }) => value !== undefined && value !== "");
    if (chosen?.value === undefined) continue;
    values[setting] = chosen.value;
    origins[setting] = chosen.origin;
  }
  // a key from the environment belongs to the user's own servers, not to whichever address a folder's .env names
  if (origins.baseUrl?.endsWith(".env") && !origins.apiKey?.endsWith(".env")) {
    const own = dotenv[VARIABLES.apiKey];
    if (own) values.apiKey = own;
    else delete values.apiKey;
    origins.apiKey = own ? `${VARIABLES.apiKey} in ${join(folder, ".env")}` : undefined;
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

function readDotenv(folder: string): Readonly<Record<string, string>> {
  try {
    return parseDotenv(readFileSync(join(folder, ".env"), "utf8"));
  } catch (error) {
    if (["ENOENT", "EISDIR", "EACCES"].includes(systemCodeOf(error) ?? "")) return {};
    throw error;
  }
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
