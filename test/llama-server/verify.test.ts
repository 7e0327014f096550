import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  describeReport,
  judgeProbe,
  readGpuName,
  readOffload,
  readVerified,
  writeVerified,
} from "../../src/llama-server/verify.ts";
import { textFor } from "../../src/i18n/catalogue.ts";

const words = textFor("en").setup;
const METAL_LOG = `0.00.1 I ggml_metal_device_init: GPU name:   MTL0 (Apple M3 Pro)
0.00.2 I load_tensors: offloading output layer to GPU
0.00.2 I load_tensors: offloaded 25/25 layers to GPU`;
const probe = { answer: "Hello!", promptPerSecond: 3215.25, answerPerSecond: 81.4, log: METAL_LOG };

describe("what the server's log says", () => {
  it.each([
    ["ggml_metal_init: GPU name:   Apple M3 Pro", "Apple M3 Pro"],
    ["ggml_metal_device_init: GPU name:   MTL0 (Apple M3 Pro)", "Apple M3 Pro"],
    [
      "  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes, VRAM: 24080 MiB",
      "NVIDIA GeForce RTX 4090",
    ],
    ["ggml_vulkan: 0 = AMD Radeon RX 7900 XT (RADV NAVI31) (radv) | uma: 0", "AMD Radeon RX 7900 XT"],
    [
      "llama_prepare_model_devices: using device CUDA0 (NVIDIA H100 80GB HBM3) (0000:00:00.0) - 80000 MiB free",
      "NVIDIA H100 80GB HBM3",
    ],
  ])("names the GPU: %s", (line, name) => {
    expect(readGpuName(`before\n${line}\nafter`)).toBe(name);
  });

  it("counts the layers on the GPU", () => {
    expect(readOffload(METAL_LOG)).toEqual({ offloaded: 25, total: 25 });
    expect(readOffload("nothing of the kind")).toBeUndefined();
  });
});

describe("judgeProbe", () => {
  it("reports speed, layers and GPU", () => {
    const report = judgeProbe(probe, "metal");
    expect(describeReport(report, words)).toBe(
      "prompt 3,215 tokens/s, answer 81 tokens/s; 25 of 25 layers on Apple M3 Pro",
    );
  });

  it("says when a build for a GPU answers from the CPU", () => {
    const none = { ...probe, log: "load_tensors: offloaded 0/25 layers to GPU" };
    expect(() => judgeProbe(none, "cuda")).toThrow(/cuda.*0 of 25/);
    expect(() => judgeProbe({ ...probe, log: "" }, "vulkan")).toThrow(/vulkan.*CPU/);
  });

  it("lets the CPU be the CPU", () => {
    expect(describeReport(judgeProbe({ ...probe, log: "" }, "cpu"), words)).toContain("on the CPU");
    const withRpc = { ...probe, log: "load_tensors: offloaded 5/5 layers to GPU" };
    expect(describeReport(judgeProbe(withRpc, "cpu"), words)).toContain("on the CPU");
    expect(describeReport(judgeProbe({ ...probe, answerPerSecond: 3.14 }, undefined), words)).toContain(
      "answer 3.1 tokens",
    );
  });

  it("does not take silence for an answer", () => {
    expect(() => judgeProbe({ ...probe, answer: " \n" }, "cpu")).toThrow("empty");
  });
});

describe("what was verified", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpt-oss-verified-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is remembered until the server or the model changes", async () => {
    const [server, model] = [join(folder, "server"), join(folder, "model")];
    await writeFile(server, "s");
    await writeFile(model, "m");
    expect(await readVerified(folder, server, model)).toBeUndefined();
    const report = judgeProbe(probe, "metal");
    await writeVerified(folder, server, model, report);
    expect(await readVerified(folder, server, model)).toEqual(report);
    await utimes(model, new Date(0), new Date(0));
    expect(await readVerified(folder, server, model)).toBeUndefined();
  });
});
