import { describe, expect, it } from "@jest/globals";
import { formatBytes, formatExactBytes, formatSeconds } from "../../src/terminal/format.ts";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1_000, "1.00 kB"],
    [1_023, "1.02 kB"],
    [1_024, "1.02 kB"],
    [12_345, "12.3 kB"],
    [123_456, "123 kB"],
    [1e6, "1.00 MB"],
    [12_109_566_560, "12.1 GB"],
    [63_387_346_464, "63.4 GB"],
    [2e12, "2.00 TB"],
    [1.2e15, "1200 TB"],
  ])("says decimal units: %d is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [999.4, "999 B"],
    [999.6, "1.00 kB"],
    [9_994, "9.99 kB"],
    [9_996, "10.0 kB"],
    [99_940, "99.9 kB"],
    [99_960, "100 kB"],
    [999_400, "999 kB"],
    [999_600, "1.00 MB"],
    [999_600_000, "1.00 GB"],
    [999_999_999_999, "1.00 TB"],
  ])("has three figures at most, where rounding reaches the next figure or unit too: %d is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatSeconds", () => {
  it.each([
    [0, "0.0 s"],
    [0.04, "0.0 s"],
    [0.26, "0.3 s"],
    [9.94, "9.9 s"],
    [9.96, "10 s"],
    [42.4, "42 s"],
    [59.4, "59 s"],
    [59.95, "1 min 00 s"],
    [61, "1 min 01 s"],
    [119.6, "2 min 00 s"],
    [425, "7 min 05 s"],
    [3_599, "59 min 59 s"],
    [3_599.6, "1 h 00 min"],
    [7_500, "2 h 05 min"],
    [7_800, "2 h 10 min"],
    [100 * 3_600, "100 h 00 min"],
  ])("%d is %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe("formatExactBytes", () => {
  it.each([
    [0, "0 bytes"],
    [1_023, "1,023 bytes"],
    [12_109_566_560, "12,109,566,560 bytes"],
  ])("%d is %s", (bytes, text) => {
    expect(formatExactBytes(bytes, "en")).toBe(text);
  });
});
