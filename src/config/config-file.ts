import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { closest } from "fastest-levenshtein";
import { isMap, isScalar, LineCounter, parseDocument, type YAMLParseError } from "yaml";
import { messageOf, systemCodeOf } from "../errors.ts";
import { failed, reason } from "../failures/failure.ts";
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
  // a relative path is to be ignored, by the XDG specification
  const named = environment["XDG_CONFIG_HOME"] ?? "";
  const ofLinux = isAbsolute(named) ? named : join(home, ".config");
  const folder = platform === "darwin" ? join(home, "Library", "Application Support") : ofLinux;
  return join(folder, "langchain-gpt-oss", "config.yaml");
}

/** What stands in a file of settings. */
export interface ConfigFile {
  readonly text: ConfigText;
  /** The line of each, from 1 on. */
  readonly lines: Readonly<Partial<Record<Setting, number>>>;
}

/**
 * The settings that stand in the file, as text: `effort: high`, a line each, named as the flags are. None where there is no file.
 * @throws GptOssError `usage` that names the file, the line and what is wrong there
 */
export function readConfigFile(path: string): ConfigFile {
  const content = readOrNothing(path);
  const text: Partial<Record<Setting, string>> = {};
  const lines: Partial<Record<Setting, number>> = {};
  if (content === undefined) return { text, lines };
  const counter = new LineCounter();
  const document = parseDocument(content, { lineCounter: counter });
  const [error] = document.errors;
  if (error) throw failed("badSettings", [path, reason("atLine", counter.linePos(error.pos[0]).line, whatOf(error))]);
  if (document.contents === null) return { text, lines };
  if (!isMap(document.contents)) throw failed("badSettings", [path, reason("nameAndValue")]);
  for (const { key, value } of document.contents.items) {
    const name = String(key);
    const line = isScalar(key) ? counter.linePos(key.range?.[0] ?? 0).line : 1;
    const setting = SETTINGS.find((known) => kebab(known) === name || known === name);
    if (setting === undefined) {
      const names = SETTINGS.map(kebab);
      throw failed("unknownSetting", [path, line, name, closest(name, names), names.join(", ")]);
    }
    if (value !== null && !isScalar(value))
      throw failed("badSettings", [path, reason("atLine", line, reason("oneValue", name))]);
    if (value === null || value.value === null) continue;
    text[setting] = value.source ?? "";
    lines[setting] = line;
  }
  return { text, lines };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw failed("settingsUnreadable", [path, systemCodeOf(error) ?? messageOf(error)]);
  }
}

/** The parser's first line, without its own words for the place. */
function whatOf(error: YAMLParseError): string {
  return error.message.split("\n")[0]?.replace(/ at line.*/, "") ?? "";
}
