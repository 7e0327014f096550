import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readConfigWithOrigins } from "../../src/config/config.ts";
import { readConfigFile } from "../../src/config/config-file.ts";
import { configFilePath } from "../../src/config/config-places.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-config-file-"));
  path = join(folder, "config.yaml");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the user's own file", () => {
  it("stands where each system has such files", () => {
    expect(configFilePath({ HOME: "/home/u" }, "linux")).toBe("/home/u/.config/langchain-gpt-oss/config.yaml");
    expect(configFilePath({ HOME: "/home/u", XDG_CONFIG_HOME: "/x" }, "linux")).toBe(
      "/x/langchain-gpt-oss/config.yaml",
    );
    for (const ignored of ["", "config", "."])
      expect(configFilePath({ HOME: "/home/u", XDG_CONFIG_HOME: ignored }, "linux")).toBe(
        "/home/u/.config/langchain-gpt-oss/config.yaml",
      );
    expect(configFilePath({ HOME: "/Users/u" }, "darwin")).toBe(
      "/Users/u/Library/Application Support/langchain-gpt-oss/config.yaml",
    );
    expect(configFilePath({ GPT_OSS_CONFIG: "/mine" }, "linux")).toBe("/mine");
  });

  it("is weaker than everything else, and tells where a value came from", () => {
    writeFileSync(path, "effort: high\nmax-tokens: 100\ncontext: 4096\nlang: ja\n");
    writeFileSync(join(folder, ".env"), "GPT_OSS_CONTEXT=8192\n");
    const environment = { GPT_OSS_CONFIG: path, GPT_OSS_MAX_TOKENS: "200" };
    const { config, origins } = readConfigWithOrigins({ flags: { effort: "low" }, environment, folder });
    expect(config).toEqual({ effort: "low", maxTokens: 200, context: 8192, lang: "ja" });
    expect(origins).toEqual({
      effort: "--effort",
      maxTokens: "GPT_OSS_MAX_TOKENS",
      context: `GPT_OSS_CONTEXT in ${join(folder, ".env")}`,
      lang: `lang in ${path}:4`,
    });
  });

  it.each([
    ["model: demo\neffrot: high", /line 2: there is no setting effrot/],
    ["- a\n- b", /each line has to be/],
    ["effort: low\nmodel:\n  a: 1", /line 2: model has to be one value/],
    ["a: b: c", /line 1: /],
  ])("is refused in a sentence: %j", (text, sentence) => {
    writeFileSync(path, text);
    expect(() => readConfigFile(path)).toThrow(sentence);
  });

  it("names a wrong value, where it stands, and what is allowed", () => {
    writeFileSync(path, "# mine\neffort: huge\n");
    expect(() => readConfigWithOrigins({ flags: {}, environment: { GPT_OSS_CONFIG: path }, folder })).toThrow(
      /^effort in .*config\.yaml:2 is "huge": .*low.*medium.*high/,
    );
  });

  it("may be empty or not there", () => {
    expect(readConfigFile(path)).toEqual({ text: {}, lines: {} });
    writeFileSync(path, "# nothing\nmodel:\n");
    expect(readConfigFile(path)).toEqual({ text: {}, lines: {} });
  });
});
