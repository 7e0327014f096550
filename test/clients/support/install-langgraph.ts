import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../../../src/platform/child-environment.ts";
import { runCommand } from "../../../src/platform/child-process.ts";
import { packPackage } from "../../live/package/support/package-tarball.ts";

/** The versions that were tried. The first compiles a native module where no binary can be downloaded, so neither is a dependency. */
const PACKAGES = {
  "@langchain/langgraph-checkpoint-sqlite": "1.0.4",
  deepagents: "1.14.1",
};

/** @returns a project that has installed these packages once, and this package as it is built now */
export async function installLanggraph(): Promise<string> {
  const dependencies = JSON.stringify(PACKAGES);
  const version = createHash("sha256").update(dependencies).digest("hex").slice(0, 8);
  const folder = join(tmpdir(), `gpt-oss-langgraph-${userInfo().uid}-${version}`);
  const done = join(folder, "done");
  if (!existsSync(done)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "package.json"), `{"private":true,"type":"module","dependencies":${dependencies}}`);
    await npm(folder, "install", "--no-audit", "--no-fund");
    // npm may have left the script of the package out
    const module = join(folder, "node_modules/better-sqlite3/build/Release/better_sqlite3.node");
    if (!existsSync(module)) await npm(folder, "rebuild", "better-sqlite3");
    await writeFile(done, "");
  }
  const tarball = await packPackage();
  try {
    await npm(folder, "install", "--no-audit", "--no-fund", "--no-save", tarball.path);
  } finally {
    await tarball.remove();
  }
  return folder;
}

async function npm(folder: string, ...words: readonly string[]): Promise<void> {
  const command = { program: "npm", arguments: words };
  const { status, lastLines } = await runCommand(command, {
    folder,
    environment: childEnvironment("npm", process.env),
  });
  if (status !== 0) throw new Error(`npm ${words.join(" ")} failed:\n${lastLines.join("\n")}`);
}
