import stringWidth from "string-width";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse as parseCsv } from "csv-parse/sync";
import { renderDiff, render } from "../../../src/experiment/report/render.ts";
import { compareRuns } from "../../../src/experiment/results/compare-variants.ts";
import { type Results, resultsSchema } from "../../../src/experiment/results/results.ts";
import { maxChars } from "../../../src/experiment/checks/built-in-checks.ts";
import { type Check, passed } from "../../../src/experiment/checks/check.ts";
import { describeReason } from "../../../src/experiment/checks/check-reason.ts";
import { textFor } from "../../../src/i18n/catalogue.ts";
import { makeResults, YES } from "../support/make-results.ts";

const COMMON = { on: "final", not: false, weight: 1 } as const;

let results: Results;
beforeAll(async () => {
  results = await makeResults({
    variants: ["基準", "candidate|<b>"],
    cases: 12,
    repeats: 2,
    answer: ({ variant, case: number }) => {
      if (number === 0) return new Error("it <broke> & \u0001");
      if (number === 1 && variant === "基準") return undefined;
      return {
        final: variant === "基準" && number < 10 ? "no ちがう答え" : "yes ただしい答え\n=1+1",
        finishReason: "stop",
      };
    },
    requirements: [{ kind: "no_regression" }],
  });
});

describe("reports", () => {
  it("line up in a terminal, Japanese included", () => {
    const lines = render(results, "table").split("\n");
    const head = lines.find((line) => line.startsWith("variant")) ?? "";
    const [first, second] = ["基準", "candidate"].map((name) => lines.find((line) => line.startsWith(name)) ?? "");
    const column = (line: string, text: string) => stringWidth(line.slice(0, line.indexOf(text) + text.length));
    expect(column(first ?? "", "0.20")).toBe(column(head, "score"));
    expect(column(second ?? "", "1.00")).toBe(column(head, "score"));
  });

  it("say what was found, and what was not asked or failed", () => {
    const table = render(results, "table");
    expect(table).toContain("candidate|<b> is better than 基準: +0.80");
    expect(table).toContain("8 cases improved, 0 regressed.");
    expect(table).toContain("4 results failed and do not count");
    expect(table).toContain("2 results of 48 have not");
    expect(table).toContain("fast mode (4 slots, prompt cache)");
    expect(table).toContain("Requirement no_regression: met.");
  });

  it("can't be broken by names in Markdown", () => {
    const rows = render(results, "markdown")
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(new Set(rows.map((row) => row.replaceAll(String.raw`\|`, "").split("|").length)).size).toBe(1);
    expect(render(results, "markdown")).toContain(String.raw`candidate\|\<b\>`);
  });

  it("come back from CSV as they went in, with formulas made harmless", () => {
    const text = render(results, "csv");
    const rows: Record<string, string>[] = parseCsv(text, { columns: true });
    expect(rows).toHaveLength(48);
    expect(new Set(rows.map((row) => row["status"]))).toEqual(new Set(["pass", "fail", "error", "missing"]));
    expect(rows.find((row) => row["status"] === "pass")).toMatchObject({
      final: "yes ただしい答え\n=1+1",
      "check:yes": "1",
    });
  });

  it("are the whole of it as JSON", () => {
    expect(resultsSchema.parse(JSON.parse(render(results, "json")))).toEqual(JSON.parse(JSON.stringify(results)));
  });

  it("are well-formed JUnit XML", () => {
    const xml = render(results, "junit");
    expect(xml).toContain('tests="24" failures="0" errors="2" skipped="0"');
    expect(xml).toContain('<error message="it &lt;broke&gt; &amp; \uFFFD"></error>');
    expect(xml).toContain('<testsuite name="requirements" tests="1" failures="0"');
    // every tag that opens is closed, in order
    let rest = xml.replaceAll(/<\?.*?\?>|<\w+[^<>]*\/>/g, "");
    for (let before = ""; before !== rest;) {
      before = rest;
      rest = rest.replaceAll(/<(\w+)[^<>]*>[^<>]*<\/\1>/g, "");
    }
    expect(rest.trim()).toBe("");
  });

  it("say in Japanese why a check or a requirement failed", async () => {
    const checks: readonly Check[] = [
      { ...YES, name: "short", run: { kind: "function", check: maxChars({ type: "max_chars", limit: 3, ...COMMON }) } },
      {
        ...YES,
        name: "no word",
        negated: true,
        run: { kind: "function", check: ({ text }) => passed(`has ${text.length}`) },
      },
      {
        ...YES,
        name: "not short",
        negated: true,
        run: { kind: "function", check: maxChars({ type: "max_chars", limit: 9, ...COMMON }) },
      },
    ];
    const japanese = await makeResults({
      variants: ["a", "b"],
      cases: 2,
      repeats: 1,
      checks,
      answer: () => ({ final: "four" }),
      requirements: [{ kind: "no_regression" }],
    });
    const [first] = japanese.cells;
    expect(first?.checks.map(({ why }) => why)).toEqual([
      "4 characters, more than 3",
      "the check must not pass: has 4",
      "the check must not pass: 4 of at most 9 characters",
    ]);
    // as read from a file
    const html = render(resultsSchema.parse(JSON.parse(render(japanese, "json"))), "html", "ja");
    const [plain = ""] = /<noscript>[^]*<\/noscript>/.exec(html) ?? [];
    expect(plain).toContain("4 文字で、上限の 3 文字を超えています");
    expect(plain).toContain("合格してはならないチェック: has 4");
    expect(plain).toContain("合格してはならないチェック: 4 文字です");
    expect(plain).toContain("確認できません: b");
    expect(plain).not.toMatch(/characters|not shown/);
  });

  it("have the English reason where a later version has written another one", () => {
    const reason = { key: "toString", parameters: [] };
    expect(describeReason({ why: "because", reason }, textFor("ja").report.reasons)).toBe("because");
  });

  it("mark what changed between answers by words", () => {
    const text = renderDiff(results, { variant: undefined, all: false, colour: false });
    expect(text).toContain("case-2 #1: 基準 (fail 0.00) → candidate|<b> (pass 1.00)");
    expect(text).toContain("[-no-]{+yes+} ");
    expect(renderDiff(results, { variant: "nothing", all: true, colour: false })).toBe("No answer differs.\n");
  });
});

describe("two runs", () => {
  it("are compared variant by variant on the cases of both", async () => {
    const after = await makeResults({ variants: ["基準"], cases: 20, repeats: 1, answer: () => ({ final: "yes" }) });
    const compared = compareRuns(results, { ...after, run: "later" });
    expect(compared.comparisons).toMatchObject([
      { variant: "基準 (later)", baseline: "基準 (2026-01-01-abcdef)", cases: 10, verdict: "better" },
    ]);
    expect(render(compared, "table")).toContain("基準 (later)");
    const other = await makeResults({ variants: ["x", "y"], cases: 2, repeats: 1, answer: () => ({ final: "yes" }) });
    expect(() => compareRuns(results, other)).toThrow("have no variant in common");
  });
});
