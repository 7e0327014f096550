import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  bytesToFetch,
  findInstalledModel,
  installModel,
  type InstallOptions,
  removeModel,
} from "../../../setup/model/install.ts";
import { packageFile } from "../../../setup/package-folder.ts";
import { COMMIT, HuggingFace, modelOf, sha256 } from "../../support/hugging-face.ts";

const content = randomBytes(3_000_000);
const files = { "tiny.gguf": content };
const model = modelOf(files);
const hash = sha256(content);

let folder: string;
let hub: HuggingFace;
let waits: number[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-model-"));
  hub = await new HuggingFace(files).start();
  waits = [];
});
afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true });
});

function options(more: Partial<InstallOptions> = {}): InstallOptions {
  return {
    model,
    cacheFolder: join(folder, "cache"),
    delay: (milliseconds) => Promise.resolve(waits.push(milliseconds)),
    silenceMs: 2_000,
    ...more,
    environment: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(folder, "hub"), ...more.environment },
  };
}

const repository = () => join(folder, "hub", "models--example--tiny-GGUF");
const blob = () => join(repository(), "blobs", hash);
const partial = () => `${blob()}.incomplete`;

/** Neither a blob nor a name in a snapshot: nothing that anyone would take for a model. */
function expectNoModel(): void {
  expect(existsSync(blob())).toBe(false);
  expect(existsSync(join(repository(), "snapshots"))).toBe(false);
}

async function failureOf(promise: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  return (await promise.then(
    () => ({ code: "none", message: "it succeeded", hint: "" }),
    (error: unknown) => error,
  )) as { code: string; message: string; hint: string };
}

describe("installing a model", () => {
  it("lays it out as llama.cpp and huggingface_hub do", async () => {
    const { path, fetchedBytes } = await installModel(options());
    expect(path).toBe(join(repository(), "snapshots", COMMIT, "tiny.gguf"));
    expect(await readlink(path)).toBe(`../../blobs/${hash}`);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(await readFile(join(repository(), "refs", "main"), "utf8")).toBe(COMMIT);
    expect(await readdir(join(repository(), "blobs"))).toEqual([hash]);
    expect(fetchedBytes).toBe(content.length);
  });

  it("fetches nothing when it is there, and knows a file that someone else fetched once it has hashed it", async () => {
    await installModel(options());
    const before = hub.requests.length;
    expect((await installModel(options())).fetchedBytes).toBe(0);
    await rm(join(folder, "cache"), { recursive: true });
    const activities: string[] = [];
    const found = await findInstalledModel(options({ onProgress: ({ activity }) => activities.push(activity) }));
    expect(found).toContain(COMMIT);
    expect(activities).toContain("checking");
    activities.length = 0;
    await findInstalledModel(options({ onProgress: ({ activity }) => activities.push(activity) }));
    expect(activities).toEqual([]);
    expect(hub.requests.length).toBe(before);
  });

  it("goes on after cuts at 10 random offsets, and fetches no byte twice", async () => {
    hub.cuts = Array.from({ length: 10 }, () => 1 + Math.floor(Math.random() * 200_000));
    const { fetchedBytes } = await installModel(options());
    expect(readFileSync(blob()).equals(content)).toBe(true);
    expect(fetchedBytes).toBe(content.length);
    expect(hub.offsets).toHaveLength(11);
    expect(hub.offsets).toEqual([...hub.offsets].sort((a, b) => a - b));
    expect(waits.every((wait) => wait === 1_000)).toBe(true);
  });

  it("goes on where an earlier run was stopped, after checking what it left", async () => {
    await mkdir(dirname(partial()), { recursive: true });
    await writeFile(partial(), content.subarray(0, 1_234_567));
    expect(await bytesToFetch(options())).toBe(content.length - 1_234_567);
    const activities = new Set<string>();
    const { fetchedBytes } = await installModel(options({ onProgress: ({ activity }) => activities.add(activity) }));
    expect(fetchedBytes).toBe(content.length - 1_234_567);
    expect([...activities]).toEqual(["checking", "downloading"]);
    expect(hub.offsets).toEqual([1_234_567]);
  });

  it("is stopped by an abort in the middle, keeps what it has, and goes on", async () => {
    hub.bytesPerTick = 10_000;
    const stop = new AbortController();
    const stopped = installModel(
      options({ signal: stop.signal, onProgress: ({ done }) => done > 100_000 && stop.abort() }),
    );
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    const kept = (await stat(partial())).size;
    expect(kept).toBeGreaterThan(100_000);
    expect(existsSync(`${blob()}.lock`)).toBe(false);
    expectNoModel();
    hub.bytesPerTick = Number.POSITIVE_INFINITY;
    await installModel(options());
    expect(hub.offsets).toEqual([0, kept]);
  });

  it("survives kill -9 at any moment", async () => {
    hub.bytesPerTick = 30_000;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [packageFile("test/setup/model/support/install.mjs")], {
        env: { ...process.env, ...options().environment, MODEL: JSON.stringify(model), CACHE: join(folder, "cache") },
      });
      while (!existsSync(partial()) || (await stat(partial())).size < (round + 1) * 150_000) await sleep(10);
      child.kill("SIGKILL");
      await once(child, "exit");
      expectNoModel();
    }
    hub.bytesPerTick = Number.POSITIVE_INFINITY;
    await installModel(options());
    expect(readFileSync(blob()).equals(content)).toBe(true);
  });

  it("lets two processes fetch one file once", async () => {
    const results = await Promise.all([installModel(options()), installModel(options())]);
    expect(results.map(({ fetchedBytes }) => fetchedBytes).sort()).toEqual([0, content.length].sort());
    expect(hub.offsets).toEqual([0]);
  });

  it("fetches all shards and points at the first", async () => {
    const shards = { "m-1.gguf": randomBytes(1_000), "m-2.gguf": randomBytes(2_000), "m-3.gguf": randomBytes(3_000) };
    await hub.stop();
    hub = await new HuggingFace(shards).start();
    const sharded = modelOf(shards);
    const { path, fetchedBytes } = await installModel(options({ model: sharded }));
    expect([path.endsWith("m-1.gguf"), fetchedBytes]).toEqual([true, 6_000]);
    expect(await readdir(dirname(path))).toEqual(["m-1.gguf", "m-2.gguf", "m-3.gguf"]);
    await rm(join(dirname(path), "m-2.gguf"));
    await rm(join(repository(), "blobs", sharded.files[1]?.sha256 ?? ""));
    expect(await findInstalledModel(options({ model: sharded }))).toBeUndefined();
  });

  it("is taken away whole", async () => {
    await installModel(options());
    await removeModel(options());
    expect(existsSync(repository())).toBe(false);
    expect(await findInstalledModel(options())).toBeUndefined();
  });
});

describe("trouble on the way", () => {
  it("never takes a file with the wrong hash, and fetches one that was put together wrongly anew", async () => {
    const wrong = Buffer.from(content);
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    await mkdir(dirname(partial()), { recursive: true });
    await writeFile(partial(), wrong.subarray(0, 1_000_000));
    const notices: string[] = [];
    await installModel(options({ onNotice: (sentence) => notices.push(sentence) }));
    expect(readFileSync(blob()).equals(content)).toBe(true);
    expect(notices.join()).toContain("fetching it anew");
    expect(hub.offsets).toEqual([1_000_000, 0]);
  });

  it("throws a whole download with the wrong hash away", async () => {
    const other = randomBytes(content.length);
    hub.trouble = ({ host }, response) => {
      if (host === "content") response.end(other);
      return host === "content";
    };
    const failure = await failureOf(installModel(options()));
    expect(failure).toMatchObject({ code: "download-corrupt" });
    expect(failure.message).toContain("wrong SHA-256");
    expect(existsSync(partial())).toBe(false);
    expectNoModel();
  });

  it("refuses another length or hash before it fetches a byte", async () => {
    for (const header of [{ "x-linked-size": "12" }, { "x-linked-etag": `"${"0".repeat(64)}"` }]) {
      hub.trouble = (_request, response) => {
        response.writeHead(302, { location: "/nowhere", ...header }).end();
        return true;
      };
      expect(await failureOf(installModel(options()))).toMatchObject({ code: "download-corrupt" });
    }
    expect(hub.offsets).toEqual([]);
    expectNoModel();
  });

  it("refuses a content host that sends more, or less, or another part", async () => {
    hub.trouble = ({ host }, response) => {
      if (host === "content") response.end(Buffer.concat([content, content]));
      return host === "content";
    };
    expect(await failureOf(installModel(options()))).toMatchObject({ code: "download-corrupt" });
    hub.trouble = ({ host }, response) => {
      if (host === "content") response.writeHead(200).end(content.subarray(0, 10));
      return host === "content";
    };
    expect(await failureOf(installModel(options()))).toMatchObject({ code: "download-failed" });
    expectNoModel();
  });

  it("says what 404 means, after trying main", async () => {
    hub.trouble = (_request, response) => {
      response.writeHead(404).end();
      return true;
    };
    const failure = await failureOf(installModel(options()));
    expect(failure).toMatchObject({ code: "download-failed" });
    expect(failure.message).toContain("HTTP 404");
    expect(hub.requests.map(({ path }) => path.split("/")[4])).toEqual([COMMIT, "main"]);
    expectNoModel();
  });

  it("takes main when the pinned revision is gone: the hash decides", async () => {
    hub.trouble = ({ path }, response) => {
      const isPinned = path.includes(`/resolve/${COMMIT}/`);
      if (isPinned) response.writeHead(404).end();
      return isPinned;
    };
    await installModel(options());
    expect(readFileSync(blob()).equals(content)).toBe(true);
  });

  it.each([
    [401, undefined, "set HF_TOKEN"],
    [403, "hf_secret", "Accept the terms"],
  ])("explains HTTP %i of a gated model", async (status, token, advice) => {
    hub.trouble = (_request, response) => {
      response.writeHead(status).end();
      return true;
    };
    const failure = await failureOf(
      installModel(options(token === undefined ? {} : { environment: { HF_TOKEN: token } })),
    );
    expect(failure).toMatchObject({ code: "model-gated" });
    expect(failure.message).toContain(`HTTP ${status}`);
    expect(failure.hint).toContain(advice);
    expect(hub.requests).toHaveLength(1);
    expectNoModel();
  });

  it("gives the token to the hub alone", async () => {
    await installModel(options({ environment: { HF_TOKEN: "hf_secret" } }));
    expect(hub.requests.map(({ host, authorization }) => [host, authorization])).toEqual([
      ["hub", "Bearer hf_secret"],
      ["content", undefined],
    ]);
  });

  it("tries again after HTTP 500 and 429, waiting longer each time, or as long as it is told", async () => {
    const answers = [500, 503, 429];
    hub.trouble = (_request, response) => {
      const status = answers.shift();
      if (status !== undefined) response.writeHead(status, status === 429 ? { "retry-after": "7" } : {}).end();
      return status !== undefined;
    };
    await installModel(options());
    expect(waits).toEqual([1_000, 2_000, 7_000]);
    expect(existsSync(blob())).toBe(true);
  });

  it("gives up in the end, keeps what it has and says so", async () => {
    hub.trouble = ({ host }, response, count) => {
      const fails = host === "content" && count > 2;
      if (fails) response.writeHead(500).end();
      return fails;
    };
    hub.cuts = [400_000];
    const failure = await failureOf(installModel(options()));
    expect(failure.message).toMatch(/answered HTTP 500\. [\d,]+ bytes are kept\.$/);
    expect((await stat(partial())).size).toBeGreaterThan(0);
    expectNoModel();
  });

  it("notices a connection that stalls", async () => {
    let stalls = 1;
    hub.trouble = ({ host }, response) => {
      if (host !== "content" || stalls-- <= 0) return false;
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 50_000));
      return true;
    };
    await installModel(options({ silenceMs: 300 }));
    expect(readFileSync(blob()).equals(content)).toBe(true);
    expect(hub.offsets).toEqual([0, 50_000]);
  });

  it("starts over with a host that ignores ranges, and with one that has no such rest", async () => {
    hub.ignoresRanges = true;
    hub.cuts = [700_000];
    await installModel(options());
    expect(readFileSync(blob()).equals(content)).toBe(true);
  });

  it("says that there is no network", async () => {
    const failure = await failureOf(installModel(options({ environment: { HF_ENDPOINT: "http://127.0.0.1:9" } })));
    expect(failure).toMatchObject({ code: "download-failed" });
    expect(failure.message).toContain("ECONNREFUSED");
    expect(failure.hint).toContain("HTTPS_PROXY");
    expectNoModel();
  });

  it("says that a file on disk is damaged", async () => {
    await installModel(options());
    const damaged = Buffer.from(content);
    damaged[9] = (damaged[9] ?? 0) ^ 1;
    await writeFile(blob(), damaged);
    await utimes(blob(), new Date(0), new Date(0));
    const failure = await failureOf(findInstalledModel(options()));
    expect(failure).toMatchObject({ code: "download-corrupt" });
    expect(failure.hint).toContain("--remove tiny");
  });

  it("goes through a proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", (request, client) => {
      tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const upstream = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await installModel(options({ environment: { HTTP_PROXY: address, HTTPS_PROXY: address } }));
    proxy.closeAllConnections();
    proxy.close();
    expect(tunnels).toContain(new URL(hub.endpoint).host);
  });
});
