import { execFileSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import { assert, constantFrom, property, stringMatching } from "fast-check";
import { packageFile } from "../../src/platform/folders.ts";
import {
  childEnvironment,
  type ChildPurpose,
  ignoredServerVariables,
  serverSettings,
} from "../../src/platform/child-environment.ts";
import { readModuleGraph } from "../architecture/module-graph.ts";

const PURPOSES: readonly ChildPurpose[] = [
  "command",
  "mcp",
  "git",
  "npm",
  "install",
  "build",
  "supervisor",
  "server",
  "desktop",
];
const everything = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "x"]));

describe("the environment of a child process", () => {
  it.each(PURPOSES)("has a path, a home and a language for %s", (purpose) => {
    const given = { PATH: "/bin", HOME: "/home/a", LANG: "C", LC_CTYPE: "C", TMPDIR: "/tmp" };
    expect(childEnvironment(purpose, given)).toEqual(given);
  });

  it.each(PURPOSES)("holds nothing that git says of one repository, for %s", (purpose) => {
    const local = execFileSync("git", ["rev-parse", "--local-env-vars"], { encoding: "utf8" }).trim().split("\n");
    expect(local).toContain("GIT_INDEX_FILE");
    const injected = [
      "GIT_CONFIG_KEY_0",
      "GIT_CONFIG_VALUE_0",
      "GIT_EXEC_PATH",
      "GIT_TEMPLATE_DIR",
      "GIT_QUARANTINE_PATH",
    ];
    expect(childEnvironment(purpose, everything([...local, ...injected]))).toEqual({});
  });

  it.each(PURPOSES)("holds no key and no setting of llama-server, for %s", (purpose) => {
    const names = [
      "OPENAI_API_KEY",
      "HF_TOKEN",
      "GPT_OSS_API_KEY",
      "LLAMA_API_KEY",
      "LLAMA_ARG_DEVICE",
      "GGML_BACKEND_PATH",
    ];
    expect(
      childEnvironment(purpose, everything([...names, "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "NODE_OPTIONS"])),
    ).toEqual({});
  });

  it("holds no variable that nobody listed", () => {
    assert(
      property(constantFrom(...PURPOSES), stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/), (purpose, name) => {
        expect(childEnvironment(purpose, { [`ZZ_${name}`]: "x" })).toEqual({});
      }),
    );
  });

  it("gives a command neither the proxy, which may hold a password, nor the SSH agent", () => {
    expect(childEnvironment("command", everything(["HTTPS_PROXY", "https_proxy", "SSH_AUTH_SOCK"]))).toEqual({});
    expect(childEnvironment("git", everything(["HTTPS_PROXY", "SSH_AUTH_SOCK"]))).toEqual(
      everything(["HTTPS_PROXY", "SSH_AUTH_SOCK"]),
    );
  });

  it("gives the compiler what chooses and directs it", () => {
    const wanted = everything([
      "CC",
      "CXX",
      "CXXFLAGS",
      "CMAKE_GENERATOR",
      "CCACHE_DIR",
      "CUDACXX",
      "VULKAN_SDK",
      "SDKROOT",
    ]);
    expect(childEnvironment("build", { ...wanted, MAKEFLAGS: "--jobserver-auth=3,4" })).toEqual(wanted);
  });

  it("adds what one child gets besides, and drops what is not set", () => {
    expect(childEnvironment("git", { PATH: "/bin", HOME: undefined }, { LC_ALL: "C" })).toEqual({
      PATH: "/bin",
      LC_ALL: "C",
    });
  });

  it("is made here for every module that starts programs", () => {
    const { imports } = readModuleGraph(packageFile(""), ["setup", "src", "chains"]);
    const importersOf = (target: string) => new Set(imports.filter(({ to }) => to === target).map(({ from }) => from));
    const careful = importersOf("src/platform/child-environment.ts");
    expect([...importersOf("node:child_process")].filter((module) => !careful.has(module))).toEqual([]);
  });
});

describe("the settings of llama-server", () => {
  it("choose devices and libraries", () => {
    const chosen = everything([
      "CUDA_VISIBLE_DEVICES",
      "GGML_VK_VISIBLE_DEVICES",
      "LD_LIBRARY_PATH",
      "HIP_VISIBLE_DEVICES",
    ]);
    expect(serverSettings({ ...chosen, PATH: "/bin", LLAMA_ARG_CTX_SIZE: "1", LLAMA_API_KEY: "k" })).toEqual(chosen);
  });

  it("name what is set and has no effect", () => {
    const given = everything(["LLAMA_ARG_DEVICE", "GGML_BACKEND_PATH", "LLAMA_CACHE", "GGML_CUDA_P2P", "PATH"]);
    expect(ignoredServerVariables(given)).toEqual(["GGML_BACKEND_PATH", "LLAMA_ARG_DEVICE"]);
  });
});
