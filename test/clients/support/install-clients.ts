import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../../../src/platform/child-environment.ts";
import { runCommand } from "../../../src/platform/child-process.ts";

/** The versions that were tried. They are no dependencies: nothing of them is installed by `npm ci`. */
const PACKAGES = {
  "@ai-sdk/openai-compatible": "3.0.92",
  "@anthropic-ai/claude-code": "2.1.197",
  "@openai/agents": "0.20.0",
  "@openai/codex": "0.171.0",
  ai: "7.0.173",
  openai: "7.59.0",
  "opencode-ai": "1.18.33",
  zod: "4.6.7",
};

/** @returns the folder of the clients' programs */
export async function installClients(): Promise<string> {
  const dependencies = JSON.stringify(PACKAGES);
  const version = createHash("sha256").update(dependencies).digest("hex").slice(0, 8);
  const folder = join(tmpdir(), `gpt-oss-clients-${userInfo().uid}-${version}`);
  const done = join(folder, "done");
  if (!existsSync(done)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "package.json"), `{"private":true,"dependencies":${dependencies}}`);
    const { status, lastLines } = await runCommand(
      { program: "npm", arguments: ["install", "--no-audit", "--no-fund"] },
      { folder, environment: childEnvironment("npm", process.env) },
    );
    if (status !== 0) throw new Error(`npm cannot install the clients:\n${lastLines.join("\n")}`);
    await writeFile(done, "");
  }
  return join(folder, "node_modules", ".bin");
}
