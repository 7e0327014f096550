import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, mkdirSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile, truncate } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { installModel, modelStep, type ModelStepOptions, verifyStep } from "../../setup/model-steps.ts";
import { Reporter } from "../../setup/reporter.ts";
import type { FoundServer } from "../../src/llama-server/find-server.ts";
import { bytesToFetch, findInstalledModel, removeModel } from "../../src/llama-server/installed-models.ts";
import { findModel, type ModelEntry } from "../../src/llama-server/model-catalogue.ts";
import type { ProbeResult } from "../../src/llama-server/verify.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { COMMIT, HuggingFace, modelOf } from "../support/hugging-face.ts";
import { DownloadFixture, failureOf } from "./model/support/download-fixture.ts";

const { content, model } = DownloadFixture;

let fixture: DownloadFixture;
beforeEach(async () => {
  fixture = await DownloadFixture.start();
});
afterEach(async () => {
  await fixture.stop();
});

describe("installing a model", () => {
  it("lays it out as llama.cpp and huggingface_hub do", async () => {
    const { path, fetchedBytes } = await installModel(fixture.options());
    expect(path).toBe(join(fixture.repository, "snapshots", COMMIT, "tiny.gguf"));
    expect(await readlink(path)).toBe(`../../blobs/${basename(fixture.blob)}`);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(await readFile(join(fixture.repository, "refs", "main"), "utf8")).toBe(COMMIT);
    expect(await readdir(join(fixture.repository, "blobs"))).toEqual([basename(fixture.blob)]);
    expect(fetchedBytes).toBe(content.length);
  });

  it("fetches nothing when it exists, and knows a file that someone else fetched once it has hashed it", async () => {
    await installModel(fixture.options());
    const before = fixture.hub.requests.length;
    expect((await installModel(fixture.options())).fetchedBytes).toBe(0);
    await rm(join(fixture.folder, "cache"), { recursive: true });
    const activities: string[] = [];
    const found = await findInstalledModel(
      fixture.options({ onProgress: ({ activity }) => activities.push(activity) }),
    );
    expect(found).toContain(COMMIT);
    expect(activities).toContain("checking");
    activities.length = 0;
    await findInstalledModel(fixture.options({ onProgress: ({ activity }) => activities.push(activity) }));
    expect(activities).toEqual([]);
    expect(fixture.hub.requests.length).toBe(before);
  });

  it("continues after cuts at 10 random offsets, and fetches no byte twice", async () => {
    fixture.hub.cuts = Array.from({ length: 10 }, () => 1 + Math.floor(Math.random() * 200_000));
    const { fetchedBytes } = await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
    expect(fetchedBytes).toBe(content.length);
    expect(fixture.hub.offsets).toHaveLength(11);
    expect(fixture.hub.offsets).toEqual(fixture.hub.offsets.toSorted((a, b) => a - b));
    expect(fixture.waits.every((wait) => wait === 1_000)).toBe(true);
  });

  it("continues where an earlier run was stopped, after checking what it left", async () => {
    await mkdir(dirname(fixture.partial), { recursive: true });
    await writeFile(fixture.partial, content.subarray(0, 1_234_567));
    expect(await bytesToFetch(fixture.options())).toBe(content.length - 1_234_567);
    const activities = new Set<string>();
    const { fetchedBytes } = await installModel(
      fixture.options({ onProgress: ({ activity }) => activities.add(activity) }),
    );
    expect(fetchedBytes).toBe(content.length - 1_234_567);
    expect([...activities]).toEqual(["checking", "downloading"]);
    expect(fixture.hub.offsets).toEqual([1_234_567]);
  });

  it("stops at an abort, saves the partial file and resumes", async () => {
    fixture.hub.bytesPerTick = 10_000;
    const stop = new AbortController();
    const stopped = installModel(
      fixture.options({ signal: stop.signal, onProgress: ({ done }) => done > 100_000 && stop.abort() }),
    );
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    const kept = (await stat(fixture.partial)).size;
    expect(kept).toBeGreaterThan(100_000);
    expect(existsSync(`${fixture.blob}.lock`)).toBe(false);
    expect(fixture.hasModel).toBe(false);
    fixture.hub.bytesPerTick = Number.POSITIVE_INFINITY;
    await installModel(fixture.options());
    expect(fixture.hub.offsets).toEqual([0, kept]);
  });

  it("survives kill -9 at any moment", async () => {
    fixture.hub.bytesPerTick = 30_000;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [packageFile("test/setup/model/support/install.mjs")], {
        env: {
          ...process.env,
          ...fixture.options().environment,
          MODEL: JSON.stringify(model),
          CACHE: join(fixture.folder, "cache"),
        },
      });
      while (!existsSync(fixture.partial) || (await stat(fixture.partial)).size < (round + 1) * 150_000)
        await sleep(10);
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(fixture.hasModel).toBe(false);
    }
    fixture.hub.bytesPerTick = Number.POSITIVE_INFINITY;
    await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
  });

  it("lets two processes fetch one file once", async () => {
    const results = await Promise.all([installModel(fixture.options()), installModel(fixture.options())]);
    expect(results.map(({ fetchedBytes }) => fetchedBytes).toSorted((a, b) => a - b)).toEqual([0, content.length]);
    expect(fixture.hub.offsets).toEqual([0]);
  });

  it("fetches all shards and points at the first", async () => {
    const shards = { "m-1.gguf": randomBytes(1_000), "m-2.gguf": randomBytes(2_000), "m-3.gguf": randomBytes(3_000) };
    await fixture.hub.stop();
    fixture.hub = await new HuggingFace(shards).start();
    const sharded = modelOf(shards);
    const { path, fetchedBytes } = await installModel(fixture.options({ model: sharded }));
    expect([path.endsWith("m-1.gguf"), fetchedBytes]).toEqual([true, 6_000]);
    expect(await readdir(dirname(path))).toEqual(["m-1.gguf", "m-2.gguf", "m-3.gguf"]);
    await rm(join(dirname(path), "m-2.gguf"));
    await rm(join(fixture.repository, "blobs", sharded.files[1]?.sha256 ?? ""));
    expect(await findInstalledModel(fixture.options({ model: sharded }))).toBeUndefined();
  });

  it("finds the model among foreign files in the cache", async () => {
    await installModel(fixture.options());
    const snapshots = join(fixture.repository, "snapshots");
    for (const place of [snapshots, join(fixture.repository, "blobs"), join(fixture.folder, "hub")]) {
      await writeFile(join(place, ".DS_Store"), "x");
      await symlink("nowhere", join(place, "!broken"));
      await symlink("!circle", join(place, "!circle"));
    }
    await mkdir(join(snapshots, "!folder", "tiny.gguf"), { recursive: true });
    const options = fixture.options();
    expect(await findInstalledModel(options)).toContain("tiny.gguf");
    expect((await installModel(options)).fetchedBytes).toBe(0);
    await removeModel(options);
    expect(await findInstalledModel(options)).toBeUndefined();
  });

  it.each(["snapshots", "blobs", "."])("names a file in the place of the folder %s", async (name) => {
    const path = join(fixture.repository, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
    expect(await findInstalledModel(fixture.options())).toBeUndefined();
    const failure = await failureOf(installModel(fixture.options()));
    expect(failure).toMatchObject({ code: "download-failed" });
    expect(failure.message).toContain(fixture.repository);
  });

  it("is taken away whole", async () => {
    await installModel(fixture.options());
    await removeModel(fixture.options());
    expect(existsSync(fixture.repository)).toBe(false);
    expect(await findInstalledModel(fixture.options())).toBeUndefined();
  });
});

const PLATFORM = {
  system: "linux",
  architecture: "x64",
  backend: "cpu",
  reason: "a test",
  totalMemory: 32e9,
} as const;

let written: string[];
let questions: string[];
beforeEach(() => {
  [written, questions] = [[], []];
});

const reporter = () => new Reporter({ write: (text) => written.push(text) }, { now: () => 0 });

/** Runs the step; whoever is asked says yes. */
async function fetchModel(options: Partial<ModelStepOptions> = {}): Promise<string> {
  const { cacheFolder, environment } = fixture.options();
  const confirm = (question: string) => {
    questions.push(question);
    return true;
  };
  const given = {
    model,
    platform: PLATFORM,
    cache: cacheFolder,
    environment,
    reporter: reporter(),
    confirm,
  };
  return await modelStep({ ...given, ...options });
}

describe("the model step", () => {
  it("asks with the size, fetches, and says what it did", async () => {
    const path = await fetchModel();
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(questions).toEqual(["Download tiny, 3.00 MB?"]);
    expect(written.at(-1)).toMatch(/^\[5\/6\] model {6}tiny, 3\.00 MB .*SHA-256.*\(0\.0 s\)\n$/);
    expect(written.at(-1)).toContain(`: ${path} `);
    expect(written.join("")).toContain("downloading 100 %");
  });

  it("asks nothing when it exists", async () => {
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
    expect(told.join("")).toMatch(/tiny .*64\.0 GB of memory.* 32\.0 GB/);
    expect(told.at(-1)).toMatch(/^ +tiny/);
  });

  it("refuses a damaged file", async () => {
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
    server = {
      path: join(fixture.folder, "llama-server"),
      version: "0.5.0",
      origin: "built",
      backend: "cpu",
    };
    modelPath = join(fixture.folder, "model.gguf");
    await writeFile(server.path, "server");
    await writeFile(modelPath, "model");
  });

  async function verify(result: Partial<ProbeResult> = {}, found: FoundServer = server, signal?: AbortSignal) {
    const probe = (...given: unknown[]) => {
      probed.push(given);
      return Promise.resolve({ ...PROBE, ...result });
    };
    await verifyStep({
      server: found,
      modelPath,
      cache: fixture.folder,
      reporter: reporter(),
      signal,
      probe,
    });
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

  it("expects layers on the GPU from a build for one, and none from a server of unknown make", async () => {
    await expect(verify({}, { ...server, backend: "cuda" })).rejects.toMatchObject({ code: "verify-failed" });
    await verify({}, { ...server, origin: "named", backend: undefined });
    expect(written.at(-1)).toContain("on the CPU");
  });
});
