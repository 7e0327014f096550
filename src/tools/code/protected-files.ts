import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { changesWhatRuns, comparableName } from "../files/program-files.ts";

/** Hidden files and folders that decide what runs. Other hidden ones, such as caches, a command may change. */
const HIDDEN = new Set([
  ".bash_profile",
  ".bashrc",
  ".circleci",
  ".devcontainer",
  ".direnv",
  ".env",
  ".envrc",
  ".git",
  ".gitattributes",
  ".githooks",
  ".github",
  ".gitlab-ci.yml",
  ".gitmodules",
  ".husky",
  ".idea",
  ".mise.toml",
  ".npmrc",
  ".pre-commit-config.yaml",
  ".profile",
  ".tool-versions",
  ".travis.yml",
  ".vscode",
  ".yarnrc",
  ".yarnrc.yml",
  ".zshrc",
]);

const MAX_DEPTH = 6;
const MAX_ENTRIES = 20_000;
const MAX_PATHS = 300;

/** Files and folders of a project that run programs, or change which programs run, as far as they are found in a moment. */
export async function protectedPathsIn(root: string): Promise<readonly string[]> {
  const paths: string[] = [];
  let seen = 0;
  const look = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []); // it may be gone
    for (const entry of entries) {
      if (++seen > MAX_ENTRIES || paths.length >= MAX_PATHS) return;
      const path = join(folder, entry.name);
      if (isProtected(entry)) paths.push(path);
      else if (entry.isDirectory() && entry.name !== "node_modules" && depth < MAX_DEPTH) await look(path, depth + 1);
    }
  };
  await look(root, 0);
  return paths;
}

function isProtected(entry: Dirent): boolean {
  if (entry.name.startsWith(".")) return HIDDEN.has(comparableName(entry.name));
  return entry.isFile() && changesWhatRuns("/", `/${entry.name}`);
}
