import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { configFilePath } from "../../src/config/config-places.ts";
import {
  type ConfigText,
  readConfig,
  readConfigWithOrigins,
  foreignServer,
  readConfigFile,
} from "../../src/config/config.ts";
import { switchTracingOff } from "../../src/config/tracing.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-config-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dotenv = (text: string) => writeFile(join(folder, ".env"), text);
const read = (flags: ConfigText = {}, environment: Record<string, string> = {}) =>
  readConfig({ flags, environment: { GPT_OSS_CONFIG: join(folder, "none"), ...environment }, folder });

describe("readConfig", () => {
  it("takes flags over environment over .env, and an empty value for none", async () => {
    await dotenv("GPT_OSS_MODEL=from-file\nGPT_OSS_CONTEXT=4096\nGPT_OSS_EFFORT=low\n");
    const environment = { GPT_OSS_CONTEXT: "8192", GPT_OSS_EFFORT: "medium", GPT_OSS_PORT: "" };
    expect(read({ effort: "high" }, environment)).toEqual({ model: "from-file", context: 8192, effort: "high" });
  });

  it("does without a .env", () => {
    expect(read()).toEqual({});
  });

  it.each([
    [{ effort: "huge" }, /^Invalid value for --effort: "huge"/],
    [{ context: "12x" }, /^Invalid value for --context: "12x"/],
    [{ port: "70000" }, /^Invalid value for --port: "70000".*65535/],
    [{ maxTokens: "0" }, /^Invalid value for --max-tokens: "0"/],
    [{ baseUrl: "ftp://x" }, /^Invalid value for --base-url: "ftp:\/\/x"/],
    [{ toolGrammar: "perhaps" }, /^Invalid value for --tool-grammar: "perhaps"/],
    [{ idleSeconds: "-1" }, /^Invalid value for --idle-seconds: "-1"/],
    [{ rpc: "box" }, /^Invalid value for --rpc: "box".*host:port/],
  ])("names what is wrong: %j", (flags, message) => {
    expect(() => read(flags)).toThrow(message);
  });

  it("says that the .env contains a wrong value", async () => {
    await dotenv("GPT_OSS_CONTEXT=many\n");
    expect(() => read()).toThrow(`GPT_OSS_CONTEXT in ${join(folder, ".env")}: "many"`);
  });

  it("lets a .env name no program, no source and no tracing", async () => {
    await dotenv(
      "GPT_OSS_LLAMA_SERVER=/tmp/evil\nGPT_OSS_LLAMA_CPP_URL=https://evil.example\nGPT_OSS_TRACING=1\nGPT_OSS_RPC=evil.example:1\n",
    );
    expect(read()).toEqual({});
  });

  it("tells where each value comes from", async () => {
    await dotenv("GPT_OSS_MODEL=demo\nGPT_OSS_PORT=1\n");
    const environment = {
      GPT_OSS_TOOL_GRAMMAR: "0",
      GPT_OSS_IDLE_SECONDS: "0.5",
      GPT_OSS_RPC: "10.0.0.2:50052,box:50052",
    };
    expect(readConfigWithOrigins({ flags: { port: "2" }, environment, folder })).toEqual({
      config: { model: "demo", port: 2, toolGrammar: false, idleSeconds: 0.5, rpc: "10.0.0.2:50052,box:50052" },
      origins: {
        model: `GPT_OSS_MODEL in ${join(folder, ".env")}`,
        port: "--port",
        toolGrammar: "GPT_OSS_TOOL_GRAMMAR",
        idleSeconds: "GPT_OSS_IDLE_SECONDS",
        rpc: "GPT_OSS_RPC",
      },
    });
  });

  it("sends the user's own key to no address that a .env names", async () => {
    await dotenv("OPENAI_BASE_URL=https://evil.example/v1\n");
    const mine = { OPENAI_API_KEY: "sk-mine" };
    expect(read({}, mine)).toEqual({ baseUrl: "https://evil.example/v1" });
    await dotenv("OPENAI_BASE_URL=http://127.0.0.1:1/v1\nOPENAI_API_KEY=local\n");
    expect(read({}, mine).apiKey).toBe("local");
    expect(read({ baseUrl: "http://127.0.0.1:2/v1" }, mine).apiKey).toBe("sk-mine");
  });
});

describe("foreignServer", () => {
  it("is a server on another machine that a .env names, and not the user", async () => {
    const named = (environment = {}, flags = {}) => foreignServer({ flags, environment, folder });
    await dotenv("OPENAI_BASE_URL=https://evil.example/v1\n");
    expect(named()).toEqual({ url: "https://evil.example/v1", file: join(folder, ".env") });
    expect(named({ OPENAI_BASE_URL: "https://mine.example/v1" })).toBeUndefined();
    expect(named({}, { baseUrl: "https://mine.example/v1" })).toBeUndefined();
    await dotenv("OPENAI_BASE_URL=http://127.0.0.1.evil.example/v1\n");
    expect(named()?.url).toBe("http://127.0.0.1.evil.example/v1");
    for (const host of ["127.0.0.1:8080", "localhost", "[::1]:1", "127.8.8.8"]) {
      await dotenv(`OPENAI_BASE_URL=http://${host}/v1\n`);
      expect(named()).toBeUndefined();
    }
  });
});

describe("switchTracingOff", () => {
  it("takes LangSmith's switches away unless tracing is wanted", () => {
    const environment = { LANGSMITH_TRACING: "true", LANGCHAIN_TRACING_V2: "true", LANGSMITH_API_KEY: "k" };
    expect(switchTracingOff(true, environment)).toBe(false);
    expect(switchTracingOff(false, environment)).toBe(true);
    expect(environment).toEqual({ LANGSMITH_API_KEY: "k" });
    expect(switchTracingOff(false, environment)).toBe(false);
  });
});

let configFolder: string;
let path: string;
beforeEach(() => {
  configFolder = mkdtempSync(join(tmpdir(), "gpt-oss-config-file-"));
  path = join(configFolder, "config.yaml");
});
afterEach(() => {
  rmSync(configFolder, { recursive: true });
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
    writeFileSync(join(configFolder, ".env"), "GPT_OSS_CONTEXT=8192\n");
    const environment = { GPT_OSS_CONFIG: path, GPT_OSS_MAX_TOKENS: "200" };
    const { config, origins } = readConfigWithOrigins({
      flags: { effort: "low" },
      environment,
      folder: configFolder,
    });
    expect(config).toEqual({ effort: "low", maxTokens: 200, context: 8192, lang: "ja" });
    expect(origins).toEqual({
      effort: "--effort",
      maxTokens: "GPT_OSS_MAX_TOKENS",
      context: `GPT_OSS_CONTEXT in ${join(configFolder, ".env")}`,
      lang: `lang in ${path}:4`,
    });
  });

  it.each([
    ["model: demo\neffrot: high", /line 2: unknown setting effrot/],
    ["- a\n- b", /each line must be/],
    ["effort: low\nmodel:\n  a: 1", /line 2: model takes a single value/],
    ["a: b: c", /line 1: /],
  ])("is refused in a sentence: %j", (text, sentence) => {
    writeFileSync(path, text);
    expect(() => readConfigFile(path)).toThrow(sentence);
  });

  it("names a wrong value, where it stands, and what is allowed", () => {
    writeFileSync(path, "# mine\neffort: huge\n");
    expect(() =>
      readConfigWithOrigins({ flags: {}, environment: { GPT_OSS_CONFIG: path }, folder: configFolder }),
    ).toThrow(/^Invalid value for effort in .*config\.yaml:2: "huge".*low.*medium.*high/);
  });

  it("may be empty or not there", () => {
    expect(readConfigFile(path)).toEqual({ text: {}, lines: {} });
    writeFileSync(path, "# nothing\nmodel:\n");
    expect(readConfigFile(path)).toEqual({ text: {}, lines: {} });
  });
});
