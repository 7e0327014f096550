import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { GptOssError, messageOf, systemCodeOf } from "../errors.ts";
import { type ConfigText, kebab, type Setting, SETTINGS } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The user's own file of settings: `GPT_OSS_CONFIG`, else `config.yaml` in `$XDG_CONFIG_HOME/langchain-gpt-oss` (Linux) or
 * `~/Library/Application Support/langchain-gpt-oss` (macOS).
 */
export function configFilePath(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const chosen = environment["GPT_OSS_CONFIG"];
  if (chosen) return chosen;
  const home = environment["HOME"] || homedir();
  const folder =
    platform === "darwin"
      ? join(home, "Library", "Application Support")
      : environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(folder, "langchain-gpt-oss", "config.yaml");
}

/**
 * The settings that stand in the file, as text: `effort: high`, a line each, named as the flags are. None where there is no file.
 * @throws GptOssError `usage` that names the file, the line and what is wrong there
 */
export function readConfigFile(path: string): ConfigText {
  const content = readOrNothing(path);
  if (content === undefined) return {};
  const wrong = (what: string, hint?: string) =>
    new GptOssError("usage", `The settings in ${path} can't be used: ${what}.`, hint === undefined ? {} : { hint });
  const values = parse(content, wrong);
  if (values === null || values === undefined) return {};
  if (typeof values !== "object" || Array.isArray(values)) throw wrong("each line has to be `name: value`");
  const text: Partial<Record<Setting, string>> = {};
  for (const [name, value] of Object.entries(values)) {
    const setting = SETTINGS.find((known) => kebab(known) === name || known === name);
    if (setting === undefined) {
      const names = SETTINGS.map(kebab);
      throw wrong(
        `there is no setting ${name}`,
        `Did you mean ${closest(name, names)}? There are ${names.join(", ")}.`,
      );
    }
    if (typeof value === "object" && value !== null) throw wrong(`${name} has to be one value`);
    if (value !== null) text[setting] = String(value);
  }
  return text;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw new GptOssError(
      "usage",
      `The settings in ${path} can't be read (${systemCodeOf(error) ?? messageOf(error)}).`,
    );
  }
}

function parse(content: string, wrong: (what: string) => GptOssError): unknown {
  try {
    return parseYaml(content);
  } catch (error) {
    // a ReferenceError: it unfolds into far more than it is
    if (!(error instanceof YAMLParseError)) throw wrong(messageOf(error));
    throw wrong(
      `line ${error.linePos?.[0].line ?? "?"}: ${
        messageOf(error)
          .split("\n")[0]
          ?.replace(/ at line.*/, "") ?? ""
      }`,
    );
  }
}
