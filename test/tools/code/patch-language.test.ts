import { describe, expect, it } from "@jest/globals";
import { createTwoFilesPatch } from "diff";
import * as fc from "fast-check";
import { applyHunks } from "../../../src/tools/code/apply-hunks.ts";
import { parsePatch } from "../../../src/tools/code/patch-language.ts";
import { sized } from "../../support/full-size.ts";

function patched(text: string, patch: string): string {
  const [section] = parsePatch(patch);
  if (section?.kind !== "update") throw new Error("the patch updates nothing");
  return applyHunks(section.path, text, section.hunks);
}

const BEFORE = "class A:\n  def f():\n    return 1\n\n  def g():\n    return 1\n";
const AFTER = "class A:\n  def f():\n    return 1\n\n  def g():\n    return 2\n";
const CHANGE = ["*** Update File: a.py", "@@ class A:", "@@ def g():", "-    return 1", "+    return 2"];
const envelope = (...lines: readonly string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");

describe("a patch that models write", () => {
  it.each<[string, string]>([
    ["with an envelope", envelope(...CHANGE)],
    ["without one", CHANGE.join("\n")],
    ["without its end", ["*** Begin Patch", ...CHANGE].join("\n")],
    ["without the stars of the envelope", ["Begin Patch", ...CHANGE, "End Patch"].join("\n")],
    ["with CRLF", envelope(...CHANGE).replaceAll("\n", "\r\n")],
    ["in a fenced block", `Here it is:\n\`\`\`\n${envelope(...CHANGE)}\n\`\`\`\n`],
    ["in a here document", `apply_patch <<'EOF'\n${envelope(...CHANGE)}\nEOF\n`],
    ["in a here document, without an envelope", `apply_patch <<'EOF'\n${CHANGE.join("\n")}\nEOF\n`],
    [
      "with an empty line for an empty context line",
      envelope("*** Update File: a.py", "@@", "", "   def g():", "-    return 1", "+    return 2"),
    ],
    ["with an empty line at the end", envelope(...CHANGE, "")],
    [
      "with a header of a unified diff",
      envelope("*** Update File: a.py", "@@ -5,2 +5,2 @@ class A:", "   def g():", "-    return 1", "+    return 2"),
    ],
    [
      "as a whole unified diff",
      "diff --git a/a.py b/a.py\nindex 12..34 100644\n--- a/a.py\n+++ b/a.py\n@@ -5,2 +5,2 @@\n   def g():\n-    return 1\n+    return 2\n",
    ],
    [
      "without @@ before the first change",
      envelope("*** Update File: a.py", "   def g():", "-    return 1", "+    return 2"),
    ],
    [
      "with other white space",
      envelope("*** Update File: a.py", "@@ def g(): ", " def g():\t", "-return 1", "+    return 2"),
    ],
    [
      "with the line behind @@ repeated",
      envelope("*** Update File: a.py", "@@   def g():", "   def g():", "-    return 1", "+    return 2"),
    ],
    [
      "at the end of the file",
      envelope("*** Update File: a.py", "@@", "-    return 1", "+    return 2", "*** End of File"),
    ],
  ])("is read %s", (_, patch) => {
    expect(patched(BEFORE, patch)).toBe(AFTER);
  });

  it("keeps the line breaks of the file", () => {
    expect(patched(BEFORE.replaceAll("\n", "\r\n"), envelope(...CHANGE))).toBe(AFTER.replaceAll("\n", "\r\n"));
  });

  it("has any number of sections", () => {
    const patch = envelope(
      "*** Add File: new.txt",
      "+a",
      "",
      "+",
      "*** Delete File: old.txt",
      "",
      "*** Update File: x",
      "*** Move to: y",
      "@@",
      "-1",
      "+2",
      "*** Update File: m",
      "*** Move to: n",
    );
    expect(parsePatch(patch)).toMatchObject([
      { kind: "add", path: "new.txt", content: "a\n\n\n" },
      { kind: "delete", path: "old.txt" },
      { kind: "update", path: "x", moveTo: "y" },
      { kind: "update", path: "m", moveTo: "n", hunks: [] },
    ]);
  });

  it("as a unified diff adds and deletes files", () => {
    const diff = "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+a\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n";
    expect(parsePatch(diff)).toEqual([
      { kind: "add", path: "new.txt", content: "a\n" },
      { kind: "delete", path: "old.txt" },
    ]);
  });

  it.each([
    ["nothing at all", "", /names no file/],
    ["no section", envelope("-a", "+b"), /names no file/],
    ["a new file without +", envelope("*** Add File: a", "text"), /begins with \+.*text/],
    ["lines behind a deletion", envelope("*** Delete File: a", "-x"), /-x/],
    ["an update of nothing", envelope("*** Update File: a", "@@", " x"), /changes nothing/],
    ["a line without a mark", envelope("*** Update File: a", "@@", "-x", "y"), /"y"/],
  ])("is refused with a reason: %s", (_, patch, reason) => {
    expect(() => parsePatch(patch)).toThrow(reason);
  });
});

describe("a change that does not match", () => {
  it.each([
    [
      "lines that are not there",
      ["@@", "   def g():", "-    return 7", "+    return 2"],
      /Change 1 of 1 in a\.py[^]*return 7[^]*5: {3}def g\(\):\n6: {5}return 1/,
    ],
    ["a line behind @@ that is not there", ["@@ def h():", "-    return 1", "+    return 2"], /not in the file: def h/],
    [
      "changes in the wrong order",
      ["@@", "   def g():", "-    return 1", "+    return 2", "@@", "   def f():", "-    return 1", "+    return 3"],
      /Change 2 of 2.*line 2.*Order/,
    ],
  ])("says what did not, and what is there: %s", (_, lines, reason) => {
    expect(() => patched(BEFORE, envelope("*** Update File: a.py", ...lines))).toThrow(reason);
  });
});

/** The name of the error with which a patch fails; empty when it does not. */
function failureOf(patch: string, text: string): string {
  try {
    for (const section of parsePatch(patch)) {
      if (section.kind === "update") applyHunks(section.path, text, section.hunks);
    }
    return "";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** Few different lines, so that many are alike, some of which look like the language itself. */
const line = fc.constantFrom(
  "a",
  "b",
  "  a",
  "a ",
  "",
  "}",
  "\t}",
  "@@ a",
  "*** End of File",
  "+a",
  "-a",
  "猫",
  "--- a",
);
const file = fc.array(line, { maxLength: 12 }).map((lines) => lines.map((each) => `${each}\n`).join(""));

describe("the patch between two files", () => {
  it("applied to one gives the other, with all of the file as context", () => {
    fc.assert(
      fc.property(file, file, (before, after) => {
        fc.pre(before !== after);
        const marked = (text: string, mark: string) =>
          text
            .split("\n")
            .slice(0, -1)
            .map((each) => mark + each);
        const change = ["@@", ...marked(before, "-"), ...marked(after, "+")];
        expect(patched(before, envelope("*** Update File: f", ...change))).toBe(after);
      }),
      { numRuns: sized(300, 5_000) },
    );
  });

  it("applied as a unified diff gives the other, with or without the headers of files", () => {
    fc.assert(
      fc.property(file, file, fc.integer({ min: 0, max: 3 }), fc.boolean(), (before, after, context, isWhole) => {
        fc.pre(before !== after);
        const diff = createTwoFilesPatch("a/f", "b/f", before, after, "", "", { context });
        const body = diff.split("\n").slice(3).join("\n");
        const patch = isWhole ? diff : envelope("*** Update File: f", body);
        expect(patched(before, patch)).toBe(after);
      }),
      { numRuns: sized(500, 10_000) },
    );
  });

  it("never fails but with a sentence", () => {
    const word = fc.constantFrom(
      "*** Begin Patch",
      "*** End Patch",
      "*** Update File: f",
      "*** Add File: f",
      "*** Move to: g",
      "@@",
      "@@ a",
      "@@ -1 +1 @@",
      "-a",
      "+b",
      " a",
      "",
      "x",
      "*** End of File",
      "--- a/f",
      "+++ b/f",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 15 }), file, (lines, text) => {
        expect(failureOf(lines.join("\n"), text)).toMatch(/^(?:ToolError)?$/);
      }),
      { numRuns: sized(500, 10_000) },
    );
  });
});
