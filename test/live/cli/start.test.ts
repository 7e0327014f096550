import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const PROGRAM = join("dist", "src", "cli.js");

/** Files that Node reads before the program's first line runs: what is imported statically, from the program on. */
function staticFiles(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const imports = readFileSync(path, "utf8").matchAll(/(?:from|import)\s*"(\.\.?\/[^"]+)"/g);
  for (const [, relative = ""] of imports) staticFiles(join(dirname(path), relative), seen);
  return seen;
}

describe("the start of the command line", () => {
  test("loads nothing heavy before a command asks for it", () => {
    const texts = [...staticFiles(PROGRAM)].map((path) => readFileSync(path, "utf8"));
    // commander, help and the errors in both languages are most of it; zod alone would be 470 kB, LangChain more than a megabyte
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(180_000);
    expect(texts.join("")).toContain("CommanderError");
  });
});
