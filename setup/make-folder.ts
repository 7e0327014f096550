import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it, as `mkdir -p` does. Node's own `recursive` never returns where a system says ENOENT for a folder that
 * is there (`/proc` of Linux), and a path is often what a user typed.
 * @param mode of each folder that is made
 * @throws the system's error, as of `mkdir`; EEXIST where a file stands
 */
export function makeFolder(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const folder of missing) makeOne(folder, mode);
  if (missing.length === 0 && !existsSync(`${path}/.`)) mkdirSync(path); // a file stands there: says so
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!existsSync(`${folder}/.`)) throw error; // else another process made it in the meantime
  }
}
