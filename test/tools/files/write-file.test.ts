import { readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { answering, callTool } from "../support/call-tool.ts";
import { type FileFolder, makeFileFolder } from "../support/file-folder.ts";

const real = await import("node:fs/promises");
const open = jest.fn(real.open);
const rename = jest.fn(real.rename);
jest.unstable_mockModule("node:fs/promises", () => ({ ...real, open, rename }));
const { createTools } = await import("../../../src/tools/create-tools.ts");

const FULL = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

let folder: FileFolder;
beforeEach(async () => {
  folder = await makeFileFolder();
  await folder.write("sub/a.md", "old");
});
afterEach(async () => {
  open.mockImplementation(real.open);
  rename.mockImplementation(real.rename);
  await folder.remove();
});

async function write(): Promise<string> {
  const { tools } = await createTools([{ kind: "files", path: folder.root }], { approve: answering("once") });
  return await callTool(tools, "write_file", { path: "sub/a.md", content: "新しい内容" });
}

const left = async () => [await readdir(folder.path("sub")), await readFile(folder.path("sub/a.md"), "utf8")];

describe("write_file", () => {
  it("leaves the folder clean, and the old file whole, when the disk is full in the middle", async () => {
    open.mockImplementation(async (path, ...how) => {
      const handle = await real.open(path, ...how);
      if (String(path).endsWith(".tmp")) {
        handle.writeFile = async () => {
          await handle.write("新");
          throw FULL;
        };
      }
      return handle;
    });
    expect(await write()).toBe("Error: ENOSPC: no space left on device, write");
    expect(await left()).toEqual([["a.md"], "old"]);
  });

  it("leaves them so when the new file can't be put in the place of the old", async () => {
    rename.mockImplementation(() => Promise.reject(FULL));
    expect(await write()).toBe("Error: ENOSPC: no space left on device, write");
    expect(await left()).toEqual([["a.md"], "old"]);
  });

  it("has nothing but the new file there when all went well", async () => {
    expect(await write()).toBe("sub/a.md was written: 15 bytes.");
    expect(await left()).toEqual([["a.md"], "新しい内容"]);
  });
});
