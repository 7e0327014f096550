import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";

/** One import of another of our modules, or of a package, as it stands in the code. */
export interface Import {
  readonly from: string;
  /** A path relative to the root of the tree, or the name of a package. */
  readonly to: string;
}

/** What is known of each module, by its path relative to the root of the tree. */
export interface ModuleGraph {
  readonly lines: ReadonlyMap<string, number>;
  readonly imports: readonly Import[];
}

/** Reads the TypeScript below `folders` of `root`, the imports of types and those at run time alike. */
export function readModuleGraph(root: string, folders: readonly string[]): ModuleGraph {
  const lines = new Map<string, number>();
  const imports: Import[] = [];
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).toSorted()) {
      if (!entry.endsWith(".ts")) continue;
      const path = posix.join(folder, entry.replaceAll("\\", "/"));
      const code = readFileSync(join(root, path), "utf8");
      lines.set(path, code.trimEnd().split("\n").length);
      for (const target of targetsOf(path, code)) {
        imports.push({ from: path, to: target.startsWith(".") ? posix.join(posix.dirname(path), target) : target });
      }
    }
  }
  return { lines, imports };
}

function targetsOf(path: string, code: string): string[] {
  const { module, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path} can't be parsed: ${errors[0]?.message}`);
  const fromExports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  );
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    code.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^["']|["']$/g, ""),
  );
  const targets = [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...fromExports, ...dynamic];
  return [...new Set(targets)];
}
