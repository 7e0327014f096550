import { readConfigWithOrigins } from "../config/config.ts";
import { configFilePath } from "../config/config-places.ts";
import { type ConfigText, kebab, SETTINGS } from "../config/settings.ts";
import { padTo, widthOf } from "../terminal/text-width.ts";
import { textFor } from "../i18n/catalogue.ts";
import type { CommandContext } from "./command-options.ts";

export interface ConfigFlags {
  readonly json?: boolean;
}

/** `gpt-oss config`: each setting, its value and where that comes from. Keys are not shown, only that there is one. */
export async function showConfig(flags: ConfigFlags & ConfigText, world: CommandContext): Promise<number> {
  const { environment, folder, stdout, stderr } = world;
  const { json = false, ...text } = flags;
  // what programs read is English
  const words = textFor(json ? "en" : world.language).cli;
  const { config, origins } = readConfigWithOrigins({ flags: text, environment, folder }, words.language);
  const rows = SETTINGS.map((setting) => ({
    name: kebab(setting),
    value: setting === "apiKey" && config.apiKey !== undefined ? words.config.keySet : config[setting],
    origin: origins[setting],
  }));
  if (json) {
    stdout.write(`${JSON.stringify(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])), undefined, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(...rows.map(({ value }) => widthOf(String(value ?? "-"))));
  for (const { name, value, origin } of rows) {
    stdout.write(`${name.padEnd(width)}  ${padTo(String(value ?? "-"), valueWidth)}  ${origin ?? ""}`.trimEnd() + "\n");
  }
  stderr.write(`\n${words.config.order(configFilePath(environment))}\n`);
  return 0;
}
