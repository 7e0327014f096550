import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  isNewEnough,
  parseServerVersion,
  readServerVersion,
  LLAMA_CPP,
  npmArchive,
} from "../../src/llama-server/llama-cpp-version.ts";

const VERSION = "version: 0.5.0-dev (build 1, commit de3ff81)";

describe("parseServerVersion", () => {
  it.each([
    [`x\n${VERSION}\nbuilt with GNU 12.2.0`, "0.5.0-dev (build 1, commit de3ff81)", [0, 5, 0]],
    ["version: 1.12.3 (build 8000, commit abcdef0)", "1.12.3 (build 8000, commit abcdef0)", [1, 12, 3]],
    ["version: 6097 (abc1234)\nbuilt with cc", "6097 (abc1234)", undefined],
    ["version: unknown", "unknown", undefined],
  ])("reads the new wording and the old: %j", (output, text, release) => {
    expect(parseServerVersion(output)).toEqual({ text, release });
  });

  it.each(["", "usage: something", "the version: 0.5.0 (build 1)", "version:"])("takes %j for none", (output) => {
    expect(parseServerVersion(output)).toBeUndefined();
  });
});

describe("isNewEnough", () => {
  it.each([
    [[0, 5, 0], true],
    [[0, 5, 1], true],
    [[0, 6, 0], true],
    // by numbers, not by letters
    [[0, 10, 0], true],
    [[1, 0, 0], true],
    [[0, 5], true],
    [[0, 4, 99], false],
    [[0, 4, 0], false],
    [[0, 0, 0], false],
    [undefined, false],
  ])("%j: %p", (release, expected) => {
    expect(isNewEnough({ text: "", release })).toBe(expected);
  });
});

describe("readServerVersion", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpt-oss-version-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function program(script: string): Promise<string> {
    const path = join(folder, "サーバー server");
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it.each(["", " >&2"])(
    "asks the program by --version, in its environment, whichever stream it answers on%s",
    async (to) => {
      const path = await program(
        `[ "$*" = --version ] && echo "version: $CUDA_VISIBLE_DEVICES (build 1, commit a)"${to}`,
      );
      expect((await readServerVersion(path, { CUDA_VISIBLE_DEVICES: "0.7.0" }))?.release).toEqual([0, 7, 0]);
    },
  );

  it("takes one that fails, or that is not there, for none", async () => {
    const failing = await program(`echo "${VERSION}"; exit 1`);
    expect(await readServerVersion(failing, {})).toBeUndefined();
    expect(await readServerVersion(join(folder, "nothing"), {})).toBeUndefined();
    await chmod(failing, 0o644);
    expect(await readServerVersion(failing, {})).toBeUndefined();
  });

  it("stops one that does not answer when its signal aborts", async () => {
    const stop = new AbortController();
    const asked = readServerVersion(await program("exec sleep 60"), process.env, stop.signal);
    setImmediate(() => {
      stop.abort();
    });
    await expect(asked).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("the pinned release", () => {
  it("is one and the same by all its names", () => {
    const release = LLAMA_CPP.tag.replace(/^v/, "").split(".").map(Number);
    expect(isNewEnough({ text: LLAMA_CPP.tag, release })).toBe(true);
    expect(LLAMA_CPP.npm.archive).toBe(`${LLAMA_CPP.npm.spec.replace("@", "-")}.tgz`);
    expect(npmArchive("/家 d").path).toBe(`/家 d/${LLAMA_CPP.npm.archive}`);
  });

  it("is named exactly: by the hash of its tree, and of the archive that holds it", () => {
    expect(LLAMA_CPP.tree).toMatch(/^[0-9a-f]{40}$/);
    const [algorithm, hash] = LLAMA_CPP.npm.integrity.split(/-(.*)/);
    expect([algorithm, Buffer.from(hash ?? "", "base64").length]).toEqual(["sha512", 64]);
  });
});
