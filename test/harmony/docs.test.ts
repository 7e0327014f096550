import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { HarmonyParser, parseHarmony, renderHarmony, summarizeHarmony } from "../../src/harmony/index.ts";

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

  it("says what becomes of a control token that an answer spells out", () => {
    const { final } = summarizeHarmony(parseHarmony("<|channel|>final<|message|>Write <|end|> at the end.<|return|>"));
    expect(final).toBe("Write  at the end.");
  });

  it("says how much waits behind a <|start|> in a body", () => {
    const parser = new HarmonyParser();
    parser.push("<|channel|>final<|message|>");
    let held = 0;
    let most = 0;
    for (const character of `${"<|start|>".repeat(30)}${"a".repeat(128)} to=assistan, and so on`) {
      const told = parser.push(character).flatMap((event) => (event.type === "content-delta" ? event.text : []));
      held += 1 - told.join("").length;
      most = Math.max(most, held);
    }
    expect(most).toBeGreaterThan(12);
    expect(most).toBeLessThanOrEqual("<|start|>".length + 256);
    expect(held).toBe(0);
  });

  it("shows the prompt that renderHarmony writes", () => {
    const [, shown] = /```text\n([^`]+)\n```/.exec(page) ?? [];
    const options = { currentDate: "2026-01-31", reasoningEffort: "low" };
    expect(renderHarmony([{ role: "user", content: "Hello" }], options)).toBe(shown);
  });
});
