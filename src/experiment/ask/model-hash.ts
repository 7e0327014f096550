import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../../setup/make-folder.ts";
import { z } from "zod";
import type { ModelEntry } from "../../../setup/model/catalogue.ts";
import { feedHash } from "../../../setup/model/verified-files.ts";
import { systemCodeOf } from "../../errors.ts";

const stampSchema = z.object({ identity: z.string(), sha256: z.string() });

/** SHA-256 of what setup has verified already. */
export function pinnedHash({ files }: ModelEntry): string {
  const [only] = files;
  if (only && files.length === 1) return only.sha256;
  return createHash("sha256")
    .update(files.map(({ sha256 }) => sha256).join("\n"))
    .digest("hex");
}

/** SHA-256 of a model's file, remembered for as long as the file keeps its size and time. */
export async function fileHash(path: string, cache: string, signal?: AbortSignal): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  const identity = `${path} ${size} ${mtimeMs} ${ino}`;
  const stamp = join(cache, "model-hashes", `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.json`);
  const known = await readStamp(stamp);
  if (known?.identity === identity) return known.sha256;
  const hash = createHash("sha256");
  await feedHash(hash, path, { what: "hashing the model", bytes: size, signal });
  const sha256 = hash.digest("hex");
  makeFolder(dirname(stamp));
  await writeFile(stamp, `${JSON.stringify({ identity, sha256 })}\n`);
  return sha256;
}

/**
 * What tells the model of a server that we did not start: its file's hash where the file is here, else all that the
 * server says of it, the path of its file above all: an alias can be given to any model.
 */
export async function serverModelHash(
  server: { readonly modelPath: string | undefined; readonly isLocal: boolean; readonly description: unknown },
  cache: string,
  signal?: AbortSignal,
): Promise<string> {
  const { modelPath, isLocal, description } = server;
  // a path of another machine may lead to another file here
  if (modelPath !== undefined && isLocal && existsSync(modelPath)) return await fileHash(modelPath, cache, signal);
  return `described-${createHash("sha256")
    .update(JSON.stringify(modelPath === undefined ? description : [modelPath, description]))
    .digest("hex")}`;
}

async function readStamp(path: string): Promise<z.infer<typeof stampSchema> | undefined> {
  try {
    return stampSchema.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
