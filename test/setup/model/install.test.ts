import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { installModel } from "../../../setup/model/install.ts";
import { bytesToFetch, findInstalledModel, removeModel } from "../../../src/llama-server/installed-models.ts";
import { packageFile } from "../../../src/platform/folders.ts";
import { COMMIT, HuggingFace, modelOf } from "../../support/hugging-face.ts";
import { DownloadFixture, failureOf } from "./support/download-fixture.ts";

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

  it("fetches nothing when it is there, and knows a file that someone else fetched once it has hashed it", async () => {
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

  it("goes on after cuts at 10 random offsets, and fetches no byte twice", async () => {
    fixture.hub.cuts = Array.from({ length: 10 }, () => 1 + Math.floor(Math.random() * 200_000));
    const { fetchedBytes } = await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
    expect(fetchedBytes).toBe(content.length);
    expect(fixture.hub.offsets).toHaveLength(11);
    expect(fixture.hub.offsets).toEqual(fixture.hub.offsets.toSorted((a, b) => a - b));
    expect(fixture.waits.every((wait) => wait === 1_000)).toBe(true);
  });

  it("goes on where an earlier run was stopped, after checking what it left", async () => {
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

  it("is stopped by an abort in the middle, keeps what it has, and goes on", async () => {
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

  it("is found beside whatever others have left in the cache", async () => {
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
