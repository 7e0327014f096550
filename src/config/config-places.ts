import { isAbsolute, join } from "node:path";
import { findHomeFolder } from "../platform/folders.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own file of settings: `GPT_OSS_CONFIG`, else `config.yaml` in the folder of their settings. */
export function configFilePath(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  return environment["GPT_OSS_CONFIG"] || join(configFolder(environment, platform), "config.yaml");
}

/** `$XDG_CONFIG_HOME/langchain-gpt-oss` (Linux) or `~/Library/Application Support/langchain-gpt-oss` (macOS). */
export function configFolder(environment: Environment, platform: NodeJS.Platform): string {
  const home = environment["HOME"] || findHomeFolder() || "/";
  const named = environment["XDG_CONFIG_HOME"] ?? "";
  // a relative path is to be ignored, by the XDG specification
  const ofLinux = isAbsolute(named) ? named : join(home, ".config");
  return join(platform === "darwin" ? join(home, "Library", "Application Support") : ofLinux, "langchain-gpt-oss");
}

/** The settings file of a folder, for everyone who works there. */
export function dotenvIn(folder: string): string {
  return join(folder, ".env");
}
