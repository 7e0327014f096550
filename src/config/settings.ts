import { z } from "zod";
import { EFFORTS } from "./effort.ts";
import { INTERFACE_LANGUAGES, LANGUAGE_VARIABLE, THINK_MODES } from "../i18n/language.ts";
import type { ErrorDetail } from "../errors/errors.ts";
import { errorDetail } from "../i18n/error-messages.ts";

type Range = readonly [from: number, to: number];
const CONTEXT: Range = [256, 1_048_576];
const PORT: Range = [0, 65_535];
const MAX_TOKENS: Range = [1, 1_048_576];
const IDLE_SECONDS: Range = [0, 604_800];

const wholeNumber = ([from, to]: Range) => z.coerce.number<string>().int().min(from).max(to);

export const configSchema = z.object({
  model: z.string().optional(),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: z.string().optional(),
  llamaServer: z.string().optional(),
  context: wholeNumber(CONTEXT).optional(),
  port: wholeNumber(PORT).optional(),
  effort: z.enum(EFFORTS).optional(),
  maxTokens: wholeNumber(MAX_TOKENS).optional(),
  gitUrl: z.string().optional(),
  tracing: z.stringbool().optional(),
  /** Holds raw llama-servers to the format and to the schemas of the tools that a request offers. Default: true. */
  toolGrammar: z.stringbool().optional(),
  /** Seconds that a server of ours lives on when nobody uses it any more. */
  idleSeconds: z.coerce.number<string>().min(IDLE_SECONDS[0]).max(IDLE_SECONDS[1]).optional(),
  /** rpc-servers, `host:port,host:port`. */
  rpc: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/)
    .optional(),
  lang: z.enum(INTERFACE_LANGUAGES).optional(),
  think: z.enum(THINK_MODES).optional(),
  /** Show Markdown unchanged instead of drawing it. */
  plain: z.stringbool().optional(),
});

/** The values that a setting may have, for error messages. */
export const ALLOWED: { readonly [Name in keyof Config]?: ErrorDetail } = {
  baseUrl: errorDetail("webAddress"),
  context: errorDetail("wholeNumber", ...CONTEXT),
  port: errorDetail("wholeNumber", ...PORT),
  effort: errorDetail("oneOf", EFFORTS.join(", ")),
  maxTokens: errorDetail("wholeNumber", ...MAX_TOKENS),
  tracing: errorDetail("oneOf", "1, 0"),
  toolGrammar: errorDetail("oneOf", "1, 0"),
  idleSeconds: errorDetail("numberBetween", ...IDLE_SECONDS),
  rpc: errorDetail("hostAndPort"),
  lang: errorDetail("oneOf", INTERFACE_LANGUAGES.join(", ")),
  think: errorDetail("oneOf", THINK_MODES.join(", ")),
  plain: errorDetail("oneOf", "1, 0"),
};

/** The settings of one invocation, checked. */
export type Config = z.infer<typeof configSchema>;
export type Setting = keyof Config;

/** Everything that flags, environment and files may say, as text. */
export type ConfigText = { readonly [Name in Setting]?: string | undefined };

/** The variable that says a setting, in the environment or a .env. */
export const VARIABLES: Readonly<Record<Setting, string>> = {
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
  toolGrammar: "GPT_OSS_TOOL_GRAMMAR",
  idleSeconds: "GPT_OSS_IDLE_SECONDS",
  rpc: "GPT_OSS_RPC",
  lang: LANGUAGE_VARIABLE,
  think: "GPT_OSS_THINK",
  plain: "GPT_OSS_PLAIN",
};

export const SETTINGS = Object.keys(VARIABLES) as readonly Setting[];

/** A .env comes with the folder one happens to be in: it may say what to talk to and how, not which program to run or what to send out. */
export const DOTENV_SETTINGS: ReadonlySet<Setting> = new Set([
  "model",
  "baseUrl",
  "apiKey",
  "context",
  "port",
  "effort",
  "maxTokens",
  "toolGrammar",
  "idleSeconds",
  "lang",
  "think",
  "plain",
]);

/** As a flag writes it: `max-tokens`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
