import { spawnSync } from "node:child_process";
import { expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";

it("documents each public export, and resolves all links (npm run docs -- api)", () => {
  const words = [packageFile("node_modules/typedoc/bin/typedoc"), "--emit", "none", "--logLevel", "Warn"];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { cwd: packageFile(""), encoding: "utf8" });
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
}, 240_000);
