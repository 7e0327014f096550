import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { formatCommand } from "../../src/platform/child-process.ts";
import { describePlatform, thisMachine } from "../../src/platform/platform.ts";
import { inspectToolchain, installCommand, toolchainMissing, type ToolName } from "../../setup/toolchain.ts";
import { fakeMachine } from "./support/fake-machine.ts";
import { localize } from "../../src/i18n/error-messages.ts";

const ALL: readonly ToolName[] = ["git", "cmake", "compiler", "make"];

function installLine(missing: readonly ToolName[], machine = fakeMachine()): string | undefined {
  const command = installCommand(missing, machine);
  return command && formatCommand(command);
}

describe("installCommand", () => {
  it.each([
    ["apt-get", "sudo apt-get install -y git cmake g++ make"],
    ["dnf", "sudo dnf install -y git cmake gcc-c++ make"],
    ["pacman", "sudo pacman -S --needed --noconfirm git cmake gcc make"],
  ])("names the packages of %s", (manager, expected) => {
    expect(installLine(ALL, fakeMachine({ programs: { [manager]: "" } }))).toBe(expected);
  });

  it("leaves sudo out for root", () => {
    const machine = fakeMachine({ programs: { "apt-get": "" }, isRoot: true });
    expect(installLine(["cmake"], machine)).toBe("apt-get install -y cmake");
  });

  it("names Xcode's tools on a Mac for what comes with them, and Homebrew for cmake", () => {
    const mac = fakeMachine({ system: "darwin", architecture: "arm64" });
    expect(installLine(["compiler"], mac)).toBe("xcode-select --install");
    expect(installLine(["cmake"], mac)).toBe("brew install cmake");
  });

  it("names the Vulkan packages", () => {
    expect(installLine(["vulkan"], fakeMachine({ programs: { "apt-get": "" } }))).toBe(
      "sudo apt-get install -y libvulkan-dev glslc spirv-headers",
    );
  });

  it("has none for a system it does not know", () => {
    expect(installLine(ALL)).toBeUndefined();
  });
});

describe("inspectToolchain", () => {
  it("finds the real tools of this machine and compiles C++17", async () => {
    const machine = thisMachine(process.env);
    const platform = await describePlatform(machine, "cpu");
    const tools = await inspectToolchain(platform, machine);
    expect(tools.map(({ name, problem }) => ({ name, problem }))).toEqual(
      ALL.map((name) => ({ name, problem: undefined })),
    );
  });

  it.each(["ccache g++", " g++ -m64", "SPACED", ""])("takes CXX as cmake does: %j", async (named) => {
    const folder = await mkdtemp(join(tmpdir(), "gpt-oss tools-"));
    try {
      const script = (name: string, text: string) =>
        writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      await script("ccache", 'exec "$@"');
      await script("my g++", 'exec g++ "$@"');
      const CXX = named === "SPACED" ? join(folder, "my g++") : named;
      const machine = thisMachine({ ...process.env, CXX, PATH: `${folder}:${process.env["PATH"]}` });
      const tools = await inspectToolchain(await describePlatform(machine, "cpu"), machine);
      expect(tools.find(({ name }) => name === "compiler")).toEqual({ name: "compiler", found: expect.any(String) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("names everything that is missing in one sentence, with the command that installs it", async () => {
    const machine = fakeMachine({ programs: { cmake: "cmake version 3.10.2\n", "apt-get": "" } });
    const tools = await inspectToolchain(await describePlatform(machine), machine);
    const failure = toolchainMissing(tools, "sudo apt-get install -y git");
    expect(failure.message).toBe(
      "Can't build llama.cpp: git is missing; cmake version 3.10.2 is older than 3.14; a C++ compiler is missing; make is missing.",
    );
    expect(failure.hint).toBe("Install it with: sudo apt-get install -y git");
  });

  it("asks for a newer cmake and nvcc with CUDA", async () => {
    const machine = fakeMachine({ programs: { cmake: "cmake version 3.16.3\n" } });
    const platform = await describePlatform(machine, "cuda");
    const problems = (await inspectToolchain(platform, machine)).flatMap((tool) =>
      tool.problem ? localize("en", tool.problem) : [],
    );
    expect(problems).toContain("cmake version 3.16.3 is older than 3.18");
    expect(problems).toContain("the CUDA compiler nvcc is missing");
  });
});
