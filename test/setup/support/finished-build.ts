import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRecord } from "../../../src/llama-server/find-server.ts";
import { llamaFolders, type LlamaFolders } from "../../../src/platform/folders.ts";
import { type Backend, buildName } from "../../../src/platform/platform.ts";
import { LLAMA_CPP } from "../../../src/llama-server/llama-cpp-version.ts";

interface FinishedBuildOptions {
  readonly rpc?: boolean;
  readonly tree?: string;
  /** Bytes of its llama-server, which does not run. */
  readonly bytes?: number;
}

/** Puts a build into the cache, as the build step leaves it. @returns its folders */
export async function finishedBuild(
  cache: string,
  backend: Backend,
  { rpc = false, tree = LLAMA_CPP.tree, bytes = 0 }: FinishedBuildOptions = {},
): Promise<LlamaFolders> {
  const folders = llamaFolders(cache, LLAMA_CPP.tag, buildName({ backend, rpc }));
  const version = `0.5.0-dev (build 1, for ${backend})`;
  const record: BuildRecord = { tag: LLAMA_CPP.tag, tree, backend, rpc, version, builtAt: "2026-11-26T00:00:00.000Z" };
  await mkdir(folders.build, { recursive: true });
  await writeFile(join(folders.build, "build.json"), JSON.stringify(record));
  await writeFile(join(folders.build, "llama-server"), Buffer.alloc(bytes));
  return folders;
}

/** Puts a program of the test's making into a folder. @returns its path */
export async function program(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}
