import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../setup/package-folder.ts";

const page = readFileSync(packageFile("docs/comparison.md"), "utf8");
const cellsOf = (line: string) => line.split(/(?<!\\)\|/).map((cell) => cell.trim());

/** The rows of its tables, without their headers. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (?:row|-+) /.test(line))
  .map((line) => cellsOf(line).slice(1, -1));

describe("docs/comparison.md", () => {
  it("has every row of the comparison", () => {
    expect(rows.length).toBeGreaterThanOrEqual(35);
  });

  it.each(rows.map((cells) => [cells[0] ?? "", cells.length === 2 ? cells[1] : cells[2]]))(
    "names tests that there are for: %s",
    (_row, shownBy = "") => {
      const named = Array.from(shownBy.matchAll(/`([\w/-]+)` “([^”]+)”/g), ([, file = "", title = ""]) => ({
        file,
        title,
      }));
      expect(named.length).toBeGreaterThan(0);
      const missing = named.filter(({ file, title }) => {
        const path = packageFile(join("test", `${file}.test.ts`));
        return !existsSync(path) || !readFileSync(path, "utf8").includes(JSON.stringify(title));
      });
      expect(missing).toEqual([]);
    },
  );
});
