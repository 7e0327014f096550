import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";

/** A row of SECURITY.md ends with the test that shows its promise: "`test/x.test.ts`: title |". */
const SHOWN_BY = /\| `(?<file>test\/[^`]+\.test\.ts)`: (?<title>.*?) *\|$/;
const rows = readFileSync(packageFile("SECURITY.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|") && line.includes("`test/"));

function isShown(row: string): boolean {
  const { file = "", title = "" } = SHOWN_BY.exec(row)?.groups ?? {};
  if (!existsSync(packageFile(file))) return false;
  // a title stands in quotes, or is the end of one that names how many there are
  const code = readFileSync(packageFile(file), "utf8");
  return ['"', "`"].some((quote) => code.includes(`${title}${quote}`));
}

describe("the promises of SECURITY.md", () => {
  it("are many", () => {
    expect(rows.length).toBeGreaterThan(35);
  });

  it.each(rows)("have a test: %s", (row) => {
    expect(isShown(row)).toBe(true);
  });

  it("need one that is there", () => {
    expect(isShown("| nonsense | `test/security/promises.test.ts`: is not the title of a test of ours |")).toBe(false);
    expect(isShown("| nonsense | `test/security/nowhere.test.ts`: need one that is there |")).toBe(false);
    expect(isShown("| real | `test/security/promises.test.ts`: need one that is there |")).toBe(true);
  });
});
