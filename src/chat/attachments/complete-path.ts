import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { homeFolder } from "../../platform/home-folder.ts";
import { systemCodeOf } from "../../errors.ts";

const MOST_OFFERS = 100;

/** The files and folders whose path begins so; folders end with a slash, hidden ones are offered when asked for by their dot. */
export function pathsBeginningWith(typed: string, folder: string): string[] {
  const at = typed.lastIndexOf("/") + 1;
  const [parent, beginning] = [typed.slice(0, at), typed.slice(at)];
  const absolute = resolve(folder, parent.startsWith("~/") ? join(homeFolder(), parent.slice(2)) : parent);
  try {
    return readdirSync(absolute)
      .filter((name) => name.startsWith(beginning) && (beginning.startsWith(".") || !name.startsWith(".")))
      .slice(0, MOST_OFFERS)
      .map((name) => parent + name + (isFolder(join(absolute, name)) ? "/" : ""));
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
