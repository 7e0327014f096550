import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../setup/package-folder.ts";

describe("packageFile", () => {
  it("is the absolute path of what ships with the package, wherever the program was started", () => {
    const { name } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { name: string };
    expect(name).toBe("langchain-gpt-oss");
    for (const file of ["prompts/chat.md", "setup/fast-build.cmake", "setup/demo-model/demo.gguf"]) {
      expect([file, isAbsolute(packageFile(file)), existsSync(packageFile(file))]).toEqual([file, true, true]);
    }
  });
});
