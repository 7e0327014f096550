import { describe, expect, it } from "@jest/globals";
import { describePlatform, freeDisk, type Platform } from "../../src/platform/platform.ts";
import { localize } from "../../src/i18n/error-messages.ts";
import { fakeMachine } from "../setup/support/fake-machine.ts";

const VULKAN_FILES = ["/usr/include/vulkan/vulkan.h", "/usr/include/spirv/unified1/spirv.hpp", "/dev/dri/renderD128"];

function why({ reason }: Platform): string {
  return localize("en", reason);
}

describe("describePlatform", () => {
  it("takes Metal on Apple silicon and the CPU on Intel Macs", async () => {
    const silicon = await describePlatform(fakeMachine({ system: "darwin", architecture: "arm64" }));
    const intel = await describePlatform(fakeMachine({ system: "darwin", architecture: "x64" }));
    expect([silicon.backend, intel.backend]).toEqual(["metal", "cpu"]);
  });

  it("names a Node.js for Intel on Apple silicon, unless the CPU is asked for", async () => {
    const rosetta = fakeMachine({ system: "darwin", architecture: "x64", programs: { sysctl: "1\n" } });
    await expect(describePlatform(rosetta)).rejects.toMatchObject({ hint: expect.stringContaining("arm64") });
    await expect(describePlatform(rosetta, "metal")).rejects.toMatchObject({ code: "usage" });
    expect((await describePlatform(rosetta, "cpu")).backend).toBe("cpu");
  });

  it("has cmake use ninja where make is missing, unless the user names a generator", async () => {
    const generatorOf = async (programs: Record<string, string>, environment = {}) =>
      (await describePlatform(fakeMachine({ programs, environment }), "cpu")).generator;
    expect(await generatorOf({ ninja: "" })).toBe("Ninja");
    expect(await generatorOf({ ninja: "", make: "" })).toBeUndefined();
    expect(await generatorOf({ ninja: "" }, { CMAKE_GENERATOR: "Ninja Multi-Config" })).toBeUndefined();
  });

  it("takes CUDA only when nvcc and a driver are there, and names the GPU", async () => {
    const programs = { nvcc: "", "nvidia-smi": "NVIDIA GeForce RTX 4090\n" };
    const both = await describePlatform(fakeMachine({ programs }));
    expect(both).toMatchObject({ backend: "cuda" });
    expect(why(both)).toBe("NVIDIA GeForce RTX 4090, nvcc at /usr/bin/nvcc");
    const driverOnly = await describePlatform(fakeMachine({ programs: { "nvidia-smi": "NVIDIA GeForce RTX 4090\n" } }));
    expect(driverOnly.backend).toBe("cpu");
    expect(why(driverOnly)).toContain("install the CUDA toolkit");
    const compilerOnly = await describePlatform(fakeMachine({ programs: { nvcc: "", "nvidia-smi": undefined } }));
    expect(compilerOnly).toMatchObject({ backend: "cpu" });
    expect(why(compilerOnly)).toBe("nvcc found, but no NVIDIA driver");
  });

  it("takes Vulkan when device, headers and glslc are there, and else says what is missing", async () => {
    const machine = fakeMachine({ programs: { glslc: "" }, files: VULKAN_FILES });
    expect((await describePlatform(machine)).backend).toBe("vulkan");
    const withoutDevice = fakeMachine({ programs: { glslc: "" }, files: VULKAN_FILES.slice(0, 2) });
    const cpu = await describePlatform(withoutDevice);
    expect(cpu).toMatchObject({ backend: "cpu" });
    expect(why(cpu)).toMatch(/no NVIDIA GPU.*Vulkan.*GPU device$/);
    expect(why(await describePlatform(fakeMachine()))).toMatch(
      /no NVIDIA GPU.*Vulkan.*GPU device.*Vulkan header.*SPIR-V header.*glslc/,
    );
  });

  it("follows --gpu, and refuses what the system can't have", async () => {
    expect((await describePlatform(fakeMachine(), "vulkan")).backend).toBe("vulkan");
    await expect(describePlatform(fakeMachine(), "metal")).rejects.toMatchObject({ code: "usage" });
    const mac = fakeMachine({ system: "darwin", architecture: "arm64" });
    await expect(describePlatform(mac, "cuda")).rejects.toMatchObject({ code: "usage" });
    expect((await describePlatform(mac, "cpu")).backend).toBe("cpu");
  });

  it("refuses Windows with the way out", async () => {
    await expect(describePlatform(fakeMachine({ system: "win32" }))).rejects.toMatchObject({
      hint: "On Windows, use WSL.",
    });
  });
});

describe("freeDisk", () => {
  it("answers for a folder that does not exist yet", async () => {
    expect(await freeDisk("/not/yet/there")).toBeGreaterThan(0);
  });
});
