import { closest } from "fastest-levenshtein";
import { isMap, isScalar, LineCounter, parseDocument, type YAMLParseError } from "yaml";
import { failed, reason } from "../failures/failure.ts";
import { readUserFileIfPresent } from "../platform/user-file.ts";
import { type ConfigText, kebab, type Setting, SETTINGS } from "./settings.ts";

const MAX_BYTES = 1024 * 1024;

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
  const content = readUserFileIfPresent(path, { maxBytes: MAX_BYTES });
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

/** The parser's first line, without its own words for the place. */
function whatOf(error: YAMLParseError): string {
  return error.message.split("\n")[0]?.replace(/ at line.*/, "") ?? "";
}
