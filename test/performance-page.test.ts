import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { type Report, withFigures } from "./bench/report.ts";

const PAGE = "docs/performance.md";

it("docs/performance.md shows the figures of docs/performance.json, and no others", () => {
  const page = readFileSync(PAGE, "utf8");
  const report = JSON.parse(readFileSync("docs/performance.json", "utf8")) as Report;
  expect(report.comparisons.length).toBeGreaterThan(10);
  expect(withFigures(page, report)).toBe(page);
});
