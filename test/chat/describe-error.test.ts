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
  expect(describeError(refused, "en")).toMatch(/\/dev\/null\/below \(ENOTDIR\)\.\n/);
  expect(describeError(refused, "ja")).toMatch(/\/dev\/null\/below.*\(ENOTDIR\)。\n/);
  expect(describeError(new Error("no such thing"), "en")).toMatch(/error.*no such thing/i);
});
