import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";

/** Compares lines with a golden file; UPDATE_GOLDEN=1 writes it anew. */
export function expectGolden(name: string, lines: readonly string[]): void {
  const path = packageFile(`test/setup/golden/${name}.txt`);
  const text = `${lines.join("\n")}\n`.replaceAll(packageFile("."), "PACKAGE");
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}
