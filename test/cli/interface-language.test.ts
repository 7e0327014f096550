import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { interfaceLanguage } from "../../src/cli/interface-language.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-interface-language-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Given {
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly dotenv?: string;
  readonly config?: string;
}

function languageOf({ words = [], environment = {}, dotenv, config }: Given) {
  const configPath = join(folder, "config.yaml");
  if (dotenv !== undefined) writeFileSync(join(folder, ".env"), dotenv);
  if (config !== undefined) writeFileSync(configPath, config);
  return interfaceLanguage({ folder, environment: { GPT_OSS_CONFIG: configPath, ...environment } }, words);
}

describe("the language of the interface", () => {
  it.each<[string, string, Given]>([
    ["by a flag", "ja", { words: ["--help", "--lang", "ja"], environment: { GPT_OSS_LANG: "en" } }],
    ["by a flag with =", "ja", { words: ["chat", "--lang=ja", "--help"] }],
    ["by the environment, over files", "en", { environment: { GPT_OSS_LANG: "en" }, config: "lang: ja\n" }],
    ["by .env, over config.yaml", "ja", { dotenv: "GPT_OSS_LANG=ja\n", config: "lang: en\n" }],
    ["by config.yaml, over the locale", "ja", { config: "lang: ja\n", environment: { LANG: "en_US.UTF-8" } }],
    ["by the locale", "ja", { environment: { LANG: "ja_JP.UTF-8" }, config: "effort: high\n" }],
    ["in English without any of these", "en", {}],
    ["by the locale where the flag is wrong", "ja", { words: ["--lang", "fr"], environment: { LANG: "ja_JP.UTF-8" } }],
    [
      "by the flag where the environment is wrong",
      "ja",
      { words: ["--lang", "ja"], environment: { GPT_OSS_LANG: "fr" } },
    ],
    ["by the locale where a file is wrong", "ja", { config: "lang: [\n", environment: { LANG: "ja_JP.UTF-8" } }],
    ["by the locale where a variable is empty", "ja", { environment: { GPT_OSS_LANG: "", LANG: "ja_JP.UTF-8" } }],
  ])("is chosen %s", async (_, language, given) => {
    expect(await languageOf(given)).toBe(language);
  });
});
