import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type FindServerOptions, findServer } from "../../src/llama-server/find-server.ts";
import { thisMachine } from "../../src/platform/platform.ts";
import { finishedBuild, program } from "../setup/support/finished-build.ts";

/** Answers in the machine's environment alone. */
const IN_ENVIRONMENT = '[ "$CUDA_VISIBLE_DEVICES" = here ] && echo "version: 0.9.0 (build 1, commit a)"';
const NEW = 'echo "version: 0.6.1 (build 9000, commit abcdef0)" >&2';
const OLD = 'echo "version: 0.4.9 (build 8000, commit abcdef0)" >&2';

let folder: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-find 家-"));
  cache = join(folder, "cache");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Looks on a machine whose PATH holds nothing but the test's programs. */
async function find(options: Partial<FindServerOptions> = {}) {
  const machine = thisMachine({ PATH: join(folder, "programs"), CUDA_VISIBLE_DEVICES: "here" });
  return await findServer({ machine, cache, usePath: true, ...options });
}

const onPath = (script: string) => program(join(folder, "programs"), "llama-server", script);
const named = (script: string) => program(folder, "my server", script);

describe("a server that was named", () => {
  it("takes precedence over our builds and PATH, for every requested build", async () => {
    await finishedBuild(cache, "cpu");
    await onPath(NEW);
    const path = await named(NEW);
    const expected = { path, version: "0.6.1 (build 9000, commit abcdef0)", origin: "named", backend: undefined };
    expect(await find({ named: path })).toEqual(expected);
    expect(await find({ named: path, backend: "cuda", rpc: true, usePath: false })).toEqual(expected);
  });

  it.each([OLD, 'echo "version: 6097 (abc1234)"'])(
    "is refused when it is older, though others are there: %s",
    async (script) => {
      await finishedBuild(cache, "cpu");
      await expect(find({ named: await named(script) })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("older than 0.5.0"),
      });
    },
  );

  it("is rejected if it is missing or is not a llama-server", async () => {
    await expect(find({ named: "/bin/true" })).rejects.toMatchObject({ code: "usage" });
    await expect(find({ named: join(folder, "nothing") })).rejects.toMatchObject({ code: "usage" });
    await expect(find({ named: folder })).rejects.toMatchObject({ code: "usage" });
  });

  it("is none when its name is empty, as with a variable that is set to nothing", async () => {
    await onPath(NEW);
    expect(await find({ named: "" })).toMatchObject({ origin: "PATH" });
  });

  it("is asked in the machine's environment, and given up when the signal says so", async () => {
    const path = await named(IN_ENVIRONMENT);
    expect((await find({ named: path }))?.version).toContain("0.9.0");
    const signal = AbortSignal.abort();
    await expect(find({ named: path, signal })).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("our own builds", () => {
  it("come before what is on PATH, and are not run to be known", async () => {
    const { build } = await finishedBuild(cache, "cpu");
    await onPath(NEW);
    expect(await find()).toEqual({
      path: join(build, "llama-server"),
      version: "0.5.0-dev (build 1, for cpu)",
      origin: "built",
      backend: "cpu",
    });
  });

  it("are taken for a GPU first, where any will do", async () => {
    await finishedBuild(cache, "cpu");
    await finishedBuild(cache, "vulkan");
    expect((await find())?.backend).toBe("vulkan");
    await finishedBuild(cache, "cuda");
    expect((await find())?.backend).toBe("cuda");
  });

  it("are taken for the backend that is asked for alone", async () => {
    await finishedBuild(cache, "cuda");
    expect(await find({ backend: "cpu" })).toBeUndefined();
    await finishedBuild(cache, "cpu");
    expect((await find({ backend: "cpu" }))?.backend).toBe("cpu");
  });

  it("serve rpc requests, and other requests if no other build exists", async () => {
    const plain = await finishedBuild(cache, "cpu");
    expect(await find({ rpc: true })).toBeUndefined();
    const rpc = await finishedBuild(cache, "cuda", { rpc: true });
    expect(await find({ rpc: true })).toMatchObject({ path: join(rpc.build, "llama-server"), backend: "cuda" });
    expect((await find({ rpc: false }))?.path).toBe(join(plain.build, "llama-server"));
    await rm(plain.build, { recursive: true });
    expect((await find())?.path).toBe(join(rpc.build, "llama-server"));
    expect(await find({ rpc: true, backend: "cpu" })).toBeUndefined();
  });

  it("are ignored if unfinished, damaged or built from another source", async () => {
    const { build } = await finishedBuild(cache, "cpu", { tree: "0".repeat(40) });
    expect(await find()).toBeUndefined();
    await writeFile(join(build, "build.json"), "");
    expect(await find()).toBeUndefined();
    await finishedBuild(cache, "cpu");
    await rm(join(build, "llama-server"));
    expect(await find()).toBeUndefined();
    await rm(build, { recursive: true });
    await mkdir(build);
    expect(await find()).toBeUndefined();
  });
});

describe("a server on PATH", () => {
  it("is taken when it is new enough, but not where PATH is not to be used", async () => {
    const path = await onPath(NEW);
    expect(await find()).toMatchObject({ path, origin: "PATH", backend: undefined });
    expect(await find({ usePath: false })).toBeUndefined();
  });

  it.each([OLD, "exit 1", "echo hello", `${NEW}; exit 1`])(
    "is passed over when it is old or none: %s",
    async (script) => {
      await onPath(script);
      expect(await find()).toBeUndefined();
    },
  );

  it("is asked in the machine's environment, and given up when the signal says so", async () => {
    await onPath(IN_ENVIRONMENT);
    expect((await find())?.version).toContain("0.9.0");
    await expect(find({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
  });

  it("is not searched for without a PATH", async () => {
    expect(await find({ machine: thisMachine({}) })).toBeUndefined();
    expect(await find({ machine: thisMachine({ PATH: "" }) })).toBeUndefined();
  });
});
