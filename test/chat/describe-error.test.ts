import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { describeError } from "../../src/chat/describe-error.ts";

it("tells what the system refused to do with a path, and calls no fault of ours what is none", () => {
  let refused: unknown;
  try {
    readFileSync("/dev/null/below");
  } catch (error) {
    refused = error;
  }
  expect(describeError(refused, "en")).toMatch(
    /^\/dev\/null\/below can't be used \(ENOTDIR\)\.\nCheck that it is yours/,
  );
  expect(describeError(refused, "ja")).toMatch(/^\/dev\/null\/below を使えません \(ENOTDIR\)。\n/);
  expect(describeError(new Error("no such thing"), "en")).toContain("Something went wrong that should not");
});
