import { existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GptOssShape } from "../gguf/support/gpt-oss-shape.ts";
import { writeStandIn } from "./stand-in.ts";

/** The stand-in with this shape, written on first use and kept in the temporary folder: it takes 10 MB on disk. */
export function standInFile({ layers, experts }: GptOssShape): string {
  const folder = join(tmpdir(), "gpt-oss-stand-in");
  const path = join(folder, `gpt-oss-${layers}x${experts}.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  writeStandIn(partial, { layers, experts });
  renameSync(partial, path);
  return path;
}
