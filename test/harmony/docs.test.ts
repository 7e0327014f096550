import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../setup/package-folder.ts";
import { parseHarmony, renderHarmony, summarizeHarmony } from "../../src/harmony/index.ts";

const page = readFileSync(packageFile("docs/harmony.md"), "utf8");

/** Completions, a line each message, and what is read off them. */
const examples = Array.from(
  page.matchAll(/```harmony\n([^`]+)```\n\n```json\n([^`]+)```/g),
  ([, input = "", read = ""]) => ({
    input: input.replaceAll("\n", ""),
    read: JSON.parse(read) as unknown,
  }),
);

describe("docs/harmony.md", () => {
  it("has its examples", () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples)("reads $input", ({ input, read }) => {
    expect(summarizeHarmony(parseHarmony(input))).toEqual(read);
  });

  it("shows the prompt that renderHarmony writes", () => {
    const [, shown] = /```text\n([^`]+)\n```/.exec(page) ?? [];
    const options = { currentDate: "2026-01-31", reasoningEffort: "low" };
    expect(renderHarmony([{ role: "user", content: "Hello" }], options)).toBe(shown);
  });
});
