import { join } from "node:path";
import { testDataFolder } from "./data-folder.ts";

/** The locale of a user in Japan. */
export const JAPANESE = { LC_ALL: "", LC_MESSAGES: "", LANG: "ja_JP.UTF-8" } as const;

/** What the program runs with in tests: the user's own language, settings and chats are none of theirs. */
export function cliEnvironment(environment: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LC_ALL: "C",
    GPT_OSS_CONFIG: join(testDataFolder(), "config.yaml"),
    NO_COLOR: "1",
    GPT_OSS_DATA: testDataFolder(),
    ...environment,
  };
}
