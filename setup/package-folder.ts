import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package's package.json; found by walking up, since the same code runs from setup/ and from dist/setup/. */
function findPackageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json of langchain-gpt-oss is missing above " + import.meta.url);
    folder = parent;
  }
  return folder;
}

const packageFolder = findPackageFolder();

/** Absolute path of a file that ships with the package, given relative to its root: `packageFile("prompts/chat.md")`. */
export function packageFile(relative: string): string {
  return join(packageFolder, relative);
}
