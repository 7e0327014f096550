import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { chooseModel } from "../../src/llama-server/installed-models.ts";

// llama-server would wait for the writer of a named pipe, and its client with it
it("refuses a folder and a named pipe as a model", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-choose-model-"));
  try {
    await mkdir(join(folder, "folder.gguf"));
    execFileSync("mkfifo", [join(folder, "pipe.gguf")]);
    for (const name of ["folder.gguf", "pipe.gguf"]) {
      const chosen = chooseModel({ wanted: join(folder, name), cache: folder, environment: {} });
      await expect(chosen).rejects.toMatchObject({ code: "usage" });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
