import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../src/errors.ts";
import type { LlamaFolders } from "./folders.ts";
import { LLAMA_CPP } from "./release.ts";

/** What is known of a finished build; it stands beside the server as build.json. */
const buildRecordSchema = z.object({
  tag: z.string(),
  tree: z.string(),
  backend: z.enum(["metal", "cuda", "vulkan", "cpu"]),
  rpc: z.boolean().optional(),
  version: z.string(),
  builtAt: z.string(),
});
export type BuildRecord = z.infer<typeof buildRecordSchema>;

export interface Build {
  /** Absolute path of llama-server. */
  readonly server: string;
  readonly record: BuildRecord;
}

/** The finished build of this release for a backend, if it is there. */
export async function findBuild(folders: LlamaFolders): Promise<Build | undefined> {
  try {
    const record = buildRecordSchema.parse(JSON.parse(await readFile(join(folders.build, "build.json"), "utf8")));
    const server = join(folders.build, "llama-server");
    return record.tree === LLAMA_CPP.tree && existsSync(server) ? { server, record } : undefined;
  } catch (error) {
    // a record that is missing, damaged or unreadable means: not built
    if (systemCodeOf(error) !== undefined || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}
