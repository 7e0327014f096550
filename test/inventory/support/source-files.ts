import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFile } from "../../../src/platform/folders.ts";

export interface SourceFile {
  /** From the package's folder on. */
  readonly path: string;
  readonly text: string;
}

/** The program: all TypeScript outside of the tests. */
export function programSource(): readonly SourceFile[] {
  return ["src", "setup", "chains"].flatMap((folder) => filesIn(folder, /\.ts$/));
}

/** What says something of everything there is, whether that works or not: help, lists of names, the documentation, and these files. */
const LISTS =
  /^test\/(inventory|public-api|documentation|commands\/help|architecture|bench)\/|\/(help|documentation)\.test\.ts$/;

/** The tests that try something: no supports, no recorded texts, no lists. */
export function behaviouralTests(): readonly SourceFile[] {
  return filesIn("test", /\.test\.ts$/).filter(({ path }) => !LISTS.test(path));
}

function filesIn(folder: string, name: RegExp): readonly SourceFile[] {
  return readdirSync(packageFile(folder), { recursive: true, encoding: "utf8" })
    .map((below) => join(folder, below))
    .filter((path) => name.test(path))
    .map((path) => ({ path, text: readFileSync(packageFile(path), "utf8") }));
}
