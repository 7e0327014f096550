// Writes prompts/*.md into a module, so that a program that imports or bundles the package needs none of its files. Run by `npm run build`, by the
// tests and by the checks: the Markdown files are the source, the module is in no commit.
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "prompts");
const target = join(root, "src/prompts/shipped-prompts.ts");

const entries = readdirSync(folder)
  .filter((file) => file.endsWith(".md"))
  .toSorted()
  .map((file) => [file.slice(0, -".md".length), readFileSync(join(folder, file), "utf8")]);
const module = `// Written by scripts/prompts.mjs from prompts/*.md: edit those.
/** The texts of the prompts that ship with the package, by name. */
export const SHIPPED_PROMPTS: ReadonlyMap<string, string> = new Map(${JSON.stringify(entries, null, 2)});
`;

function isUpToDate() {
  try {
    return readFileSync(target, "utf8") === module;
  } catch {
    return false;
  }
}

// checks and tests run side by side: none of them may see half a module
if (!isUpToDate()) {
  writeFileSync(`${target}.${process.pid}`, module);
  renameSync(`${target}.${process.pid}`, target);
}
