import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

const real = await import("node:fs");
const writeSync = jest.fn(real.writeSync);
jest.unstable_mockModule("node:fs", () => ({ ...real, writeSync }));
const { SessionFile } = await import("../../src/memory/session-file.ts");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-session-file-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("SessionFile", () => {
  it("removes the beginning of a line that does not fit on the disk, reports it, and continues when space is free", async () => {
    const path = join(folder, "one.jsonl");
    const file = new SessionFile(path);
    file.append("first");
    writeSync
      .mockImplementationOnce((handle: number, bytes: unknown) => real.writeSync(handle, bytes as Buffer, 0, 3))
      .mockImplementationOnce(() => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      });
    expect(() => {
      file.append("second");
    }).toThrow(`The disk is full: nothing more can be saved in ${path}.`);
    expect(await readFile(path, "utf8")).toBe("first\n");
    file.append("third");
    file.close();
    expect(await readFile(path, "utf8")).toBe("first\nthird\n");
  });
});
