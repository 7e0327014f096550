import { readConfigWithOrigins } from "../config/config.ts";
import { configFilePath } from "../config/config-places.ts";
import { type ConfigText, kebab, SETTINGS } from "../config/settings.ts";
import type { World } from "./world.ts";

export interface ConfigFlags {
  readonly json?: boolean;
}

/** `gpt-oss config`: each setting, its value and where that comes from. Keys are not shown, only that there is one. */
export function showConfig(flags: ConfigFlags & ConfigText, { environment, folder, stdout, stderr }: World): number {
  const { json = false, ...text } = flags;
  const { config, origins } = readConfigWithOrigins({ flags: text, environment, folder });
  const rows = SETTINGS.map((setting) => ({
    name: kebab(setting),
    value: setting === "apiKey" && config.apiKey !== undefined ? "(set)" : config[setting],
    origin: origins[setting],
  }));
  if (json) {
    stdout.write(`${JSON.stringify(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])), undefined, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(...rows.map(({ value }) => String(value ?? "-").length));
  for (const { name, value, origin } of rows) {
    stdout.write(`${name.padEnd(width)}  ${String(value ?? "-").padEnd(valueWidth)}  ${origin ?? ""}`.trimEnd() + "\n");
  }
  stderr.write(
    `\nFlags win over the environment, the environment over .env, .env over ${configFilePath(environment)}.\n`,
  );
  return 0;
}
