import { truncate, writeFile } from "node:fs/promises";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { FoundServer } from "../../src/llama-server/find-server.ts";
import { findModel, type ModelEntry } from "../../src/llama-server/model-catalogue.ts";
import { modelStep, type ModelStepOptions, verifyStep } from "../../setup/model-steps.ts";
import { Reporter } from "../../setup/reporter.ts";
import type { ProbeResult } from "../../src/llama-server/verify.ts";
import { DownloadFixture } from "./model/support/download-fixture.ts";

const { content, model } = DownloadFixture;
const PLATFORM = {
  system: "linux",
  architecture: "x64",
  backend: "cpu",
  reason: "a test",
  totalMemory: 32e9,
} as const;

let fixture: DownloadFixture;
let written: string[];
let questions: string[];
beforeEach(async () => {
  fixture = await DownloadFixture.start();
  [written, questions] = [[], []];
});
afterEach(() => fixture.stop());

const reporter = () => new Reporter({ write: (text) => written.push(text) }, { now: () => 0 });

/** Runs the step; whoever is asked says yes. */
async function fetchModel(options: Partial<ModelStepOptions> = {}): Promise<string> {
  const { cacheFolder, environment } = fixture.options();
  const confirm = (question: string) => {
    questions.push(question);
    return true;
  };
  const given = { model, platform: PLATFORM, cache: cacheFolder, environment, reporter: reporter(), confirm };
  return await modelStep({ ...given, ...options });
}

describe("the model step", () => {
  it("asks with the size, fetches, and says what it did", async () => {
    const path = await fetchModel();
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(questions).toEqual(["Download tiny, 3.00 MB?"]);
    expect(written.at(-1)).toBe(`[5/6] model      tiny, 3.00 MB fetched and SHA-256 checked: ${path} (0.0 s)\n`);
    expect(written.join("")).toContain("downloading 100 %");
  });

  it("asks nothing when it is there", async () => {
    const path = await fetchModel();
    [written, questions] = [[], []];
    expect(await fetchModel()).toBe(path);
    expect([questions, written]).toEqual([[], [`[5/6] model      tiny: ${path} (already done)\n`]]);
  });

  it("asks nothing for the demo model, which comes with the package", async () => {
    const demo = findModel("demo") as ModelEntry;
    expect(await fetchModel({ model: demo })).toMatch(/demo\.gguf$/);
    expect([questions, fixture.hub.requests]).toEqual([[], []]);
  });

  it("asks for what is missing of a download that was stopped, and fetches that", async () => {
    mkdirSync(dirname(fixture.partial), { recursive: true });
    await writeFile(fixture.partial, content.subarray(0, 1_000_000));
    const path = await fetchModel();
    expect(questions).toEqual(["Download tiny, 2.00 MB?"]);
    expect(fixture.hub.offsets).toEqual([1_000_000]);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it("asks nobody's host before the answer, and takes no for an end", async () => {
    await expect(fetchModel({ confirm: () => false })).rejects.toMatchObject({ code: "interrupted" });
    expect([fixture.hub.requests, fixture.hasModel]).toEqual([[], false]);
  });

  it("says before the question that a model is large for this machine", async () => {
    const told: string[] = [];
    const confirm = () => {
      told.push(...written);
      return true;
    };
    await fetchModel({ model: { ...model, wantedMemory: 64e9 }, confirm });
    expect(told.join("")).toContain("tiny wants about 64.0 GB of memory; this machine has 32.0 GB.");
    expect(told.at(-1)).toMatch(/^ +tiny/);
  });

  it("refuses a file that is there and damaged", async () => {
    const path = await fetchModel();
    rmSync(join(fixture.folder, "cache"), { recursive: true });
    await truncate(path, 0);
    await truncate(path, content.length);
    await expect(fetchModel()).rejects.toMatchObject({
      code: "download-corrupt",
      message: expect.stringContaining(path),
    });
  });

  it("ends with its signal, and keeps what has come", async () => {
    const stop = new AbortController();
    fixture.hub.bytesPerTick = 10_000;
    fixture.hub.trouble = ({ host }) => {
      if (host === "content") setImmediate(() => stop.abort());
      return false;
    };
    await expect(fetchModel({ signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect(fixture.hasModel).toBe(false);
  });
});

describe("the verify step", () => {
  const PROBE: ProbeResult = { answer: "Hello!", promptPerSecond: 100, answerPerSecond: 50, log: "" };
  const probed: unknown[][] = [];
  let server: FoundServer;
  let modelPath: string;
  beforeEach(async () => {
    probed.length = 0;
    server = { path: join(fixture.folder, "llama-server"), version: "0.5.0", origin: "built", backend: "cpu" };
    modelPath = join(fixture.folder, "model.gguf");
    await writeFile(server.path, "server");
    await writeFile(modelPath, "model");
  });

  async function verify(result: Partial<ProbeResult> = {}, found: FoundServer = server, signal?: AbortSignal) {
    const probe = (...given: unknown[]) => {
      probed.push(given);
      return Promise.resolve({ ...PROBE, ...result });
    };
    await verifyStep({ server: found, modelPath, cache: fixture.folder, reporter: reporter(), signal, probe });
  }

  it("asks the server once, and remembers for this server and this model", async () => {
    const { signal } = new AbortController();
    await verify({}, server, signal);
    expect(probed).toEqual([[server.path, modelPath, signal]]);
    const said = "[6/6] verify     prompt 100 tokens/s, answer 50 tokens/s; on the CPU";
    expect(written).toEqual([`${said} (0.0 s)\n`]);
    await verify();
    expect(probed).toHaveLength(1);
    expect(written.at(-1)).toBe(`${said} (already done)\n`);
    await writeFile(modelPath, "another model");
    await verify();
    expect(probed).toHaveLength(2);
  });

  it("takes silence for a failure, and asks again the next time", async () => {
    await expect(verify({ answer: "" })).rejects.toMatchObject({ code: "verify-failed" });
    expect(written).toEqual([]);
    await verify();
    expect(probed).toHaveLength(2);
  });

  it("wants layers on the GPU of a build for one, and none of a server of unknown make", async () => {
    await expect(verify({}, { ...server, backend: "cuda" })).rejects.toMatchObject({ code: "verify-failed" });
    await verify({}, { ...server, origin: "named", backend: undefined });
    expect(written.at(-1)).toContain("on the CPU");
  });
});
