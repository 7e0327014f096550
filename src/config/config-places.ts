import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The user's own file of settings: `GPT_OSS_CONFIG`, else `config.yaml` in `$XDG_CONFIG_HOME/langchain-gpt-oss` (Linux) or
 * `~/Library/Application Support/langchain-gpt-oss` (macOS).
 */
export function configFilePath(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = environment["GPT_OSS_CONFIG"];
  if (chosen) return chosen;
  const home = environment["HOME"] || homedir();
  const folder =
    platform === "darwin"
      ? join(home, "Library", "Application Support")
      : environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(folder, "langchain-gpt-oss", "config.yaml");
}

/** The file of settings that lies in a folder, for whoever happens to be there. */
export function dotenvIn(folder: string): string {
  return join(folder, ".env");
}
