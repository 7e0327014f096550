import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What we are measured beside; its releases are pinned, so that figures of different days can be compared. */
export const PEERS = {
  promptfoo: { packages: ["promptfoo@0.121.20"], flags: [] },
  // the last major version that runs on Node.js 20
  "ai-sdk": { packages: ["ai@6.0.325", "@ai-sdk/openai-compatible@2.0.92"], flags: [] },
  // without the builds for graphics cards, which are 640 MB
  "node-llama-cpp": {
    packages: ["node-llama-cpp@3.22.1", "@node-llama-cpp/linux-x64@3.22.1"],
    flags: ["--omit=optional"],
  },
} as const;

/**
 * Installs a peer from the npm registry into a folder of its own, once: none of them is a dependency of ours.
 * @returns the folder that holds its node_modules
 */
export async function installPeer(name: keyof typeof PEERS): Promise<string> {
  const { packages, flags } = PEERS[name];
  const folder = join(tmpdir(), "langchain-gpt-oss-bench", packages.join("+").replaceAll(/[^\w.@+-]/g, "-"));
  if (existsSync(folder)) return folder;
  const draft = `${folder}.partial`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, "package.json"), '{ "private": true }\n');
  const words = ["install", "--no-audit", "--no-fund", ...flags, ...packages];
  await run("npm", words, { cwd: draft, maxBuffer: 2 ** 26 });
  await rename(draft, folder);
  return folder;
}
