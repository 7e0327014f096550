import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { render } from "../../../src/experiment/report/render.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { makeResults } from "../support/make-results.ts";

jest.setTimeout(180_000);

const EVIL =
  "</script><script>document.title='broken'</script><img src=https://example.invalid/x onerror=\"document.title='broken'\">";
const CELLS = 5_000;

// npm test needs no browser; where there is none, jest's last line counts these tests as skipped
const inChromium = findChromium() === undefined ? describe.skip : describe;

inChromium("the report's page, in a real Chromium", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gpt-oss-page-"));
    const results = await makeResults({
      variants: ["first", "second, 高い"],
      cases: CELLS / 10,
      repeats: 5,
      answer: ({ variant, case: number, repeat }) => {
        if (number === 7) return new Error("the server failed");
        if (number === 11) return { final: "", analysis: "long", finishReason: "length" };
        const good = (number * 7 + repeat * 3 + (variant === "first" ? 0 : 4)) % 10 > 3;
        const final =
          number === 3
            ? EVIL
            : `${good ? "yes" : "no"}, 答えは ${number} of ${variant === "first" ? "old" : "new"} words`;
        return { final, analysis: `thought about ${number}` };
      },
      requirements: [{ kind: "comparison", measure: "score", operator: ">=", bound: 0.9 }],
    });
    await writeFile(join(folder, "report.html"), render(results, "html"));
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, "report.html")).href);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("draws its charts with text for those who don't see them", async () => {
    const charts = page.locator("#charts figure svg[aria-label]");
    expect(await charts.count()).toBeGreaterThanOrEqual(6);
    expect(await page.locator("#charts figure").first().locator("circle").count()).toBe(2);
    // 500 cases fit on a screen
    expect((await charts.nth(1).boundingBox())?.height).toBeLessThan(400);
    expect(await charts.first().getAttribute("aria-description")).toContain("first: 0.6");
    expect(await page.locator("#summary li").allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining("10 results failed"), expect.stringContaining("NOT MET")]),
    );
  });

  it("lists every answer, as text that can't do anything", async () => {
    expect(await page.locator("#answers [role=status]").textContent()).toBe("1–50 of 5,000 answers");
    await page.getByLabel("Search").fill("example.invalid");
    expect(await page.locator("#answers tbody pre.final").first().textContent()).toBe(EVIL);
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).toContain("made, run");
    await page.getByLabel("Search").fill("");
  });

  it("filters by variant, outcome, failed check and text", async () => {
    const status = page.locator("#answers [role=status]");
    await page.getByLabel("Variant", { exact: true }).selectOption("second, 高い");
    expect(await status.textContent()).toBe("1–50 of 2,500 answers");
    await page.getByLabel("Outcome", { exact: true }).selectOption("error");
    expect(await status.textContent()).toBe("1–5 of 5 answers");
    expect(await page.locator("#answers tbody tr").first().textContent()).toContain("the server failed");
    await page.getByLabel("Outcome", { exact: true }).selectOption("");
    await page.getByLabel("Failed check", { exact: true }).selectOption("yes");
    expect(await page.locator("#answers tbody .status.pass").count()).toBe(0);
    await page.getByLabel("Search").fill("答えは 42 of");
    expect(await page.locator("#answers tbody tr").count()).toBeLessThanOrEqual(5);
    await page.getByLabel("Search").fill("nothing has this");
    expect(await status.textContent()).toBe("No answers match.");
    await page.getByLabel("Search").fill("");
    await page.getByLabel("Failed check", { exact: true }).selectOption("");
    await page.getByLabel("Variant", { exact: true }).selectOption("");
  });

  it("filters what was cut off, what has no answer, and what changed from the baseline", async () => {
    const status = page.locator("#answers [role=status]");
    const cases = async () => [
      ...new Set(await page.locator("#answers tbody th").evaluateAll((all) => all.map((one) => one.textContent))),
    ];
    const outcome = page.getByLabel("Outcome", { exact: true });
    await outcome.selectOption("truncated");
    expect(await cases()).toEqual(expect.arrayContaining(["case-11 #1"]));
    expect(await status.textContent()).toBe("1–10 of 10 answers");
    await outcome.selectOption("unanswered");
    // ten that failed, and ten that said nothing
    expect(await status.textContent()).toBe("1–20 of 20 answers");
    await outcome.selectOption("");
    const change = page.getByLabel("Change from the baseline", { exact: true });
    const counts: number[] = [];
    for (const kind of ["improved", "regressed", "either"]) {
      await change.selectOption(kind);
      counts.push(Number(/of ([\d,]+)/.exec((await status.textContent()) ?? "")?.[1]?.replace(",", "")));
    }
    const [improved = 0, regressed = 0, either = 0] = counts;
    expect(improved).toBeGreaterThan(0);
    expect(regressed).toBeGreaterThan(0);
    expect(either).toBe(improved + regressed);
    await change.selectOption("");
  });

  it("is a plain table without JavaScript, in which answers are text", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(pathToFileURL(join(folder, "report.html")).href);
    expect(await plain.locator("h1").textContent()).toContain("made, run");
    const rows = plain.locator("table").last().locator("tbody tr");
    expect(await rows.count()).toBe(500);
    expect(await rows.filter({ hasText: "example.invalid" }).first().locator("td").nth(2).textContent()).toBe(EVIL);
    expect(await plain.locator("img").count()).toBe(0);
    expect(await plain.locator("table").first().locator("tbody tr").count()).toBe(2);
    await context.close();
  });

  it("marks what changed side by side, by words, in Japanese too", async () => {
    const pair = page.locator("#side-by-side article").first();
    expect(await pair.locator("del").allTextContents()).toContain("old");
    expect(await pair.locator("ins").allTextContents()).toContain("new");
    await page.getByLabel("only improved or regressed", { exact: true }).check();
    const outcomes = await page.locator("#side-by-side article").first().locator("span.status").allTextContents();
    expect(new Set(outcomes.map((text) => text.split(" ")[0])).size).toBe(2);
  });

  it("can be used with the keyboard alone", async () => {
    await page.reload();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the report");
    const next = page.locator("#answers").getByRole("button", { name: "Next" });
    await next.focus();
    await next.press("Enter");
    expect(await page.locator("#answers [role=status]").textContent()).toBe("51–100 of 5,000 answers");
    const details = page.locator("#answers tbody details").first();
    await details.locator("summary").focus();
    await details.locator("summary").press("Space");
    expect(await details.getAttribute("open")).toBe("");
    expect(await details.textContent()).toContain("thought about");
  });

  it("shows what each cell asked: the input, and the prompt as the model read it", async () => {
    const question = page.locator("#answers tbody tr").first().locator("details.question");
    await question.locator("summary").click();
    const texts = await question.locator("pre").allTextContents();
    const [input = "", prompt = ""] = texts;
    expect(texts).toHaveLength(2);
    expect(input).toMatch(/^Question of case-\d+$/);
    expect(prompt).toBe(`<|start|>user<|message|>${input}<|end|>`);
  });

  it("has names for everything that can be operated, and headings in order", async () => {
    const unnamed = await page.locator("main select, main input, main button, main [role=region]").evaluateAll(
      (all) =>
        all.filter((one) => {
          const label =
            one.id === "" ? one.closest("label") : one.parentElement?.querySelector(`label[for="${one.id}"]`);
          return (one.getAttribute("aria-label") ?? label?.textContent ?? one.textContent ?? "").trim() === "";
        }).length,
    );
    expect(unnamed).toBe(0);
    expect(await page.locator("h1").count()).toBe(1);
    expect(await page.locator("main > section[aria-labelledby] > h2").count()).toBe(4);
    expect(await page.locator("table caption").count()).toBe(await page.locator("table").count());
  });

  it("changes its colours with the system's, and prints without its controls", async () => {
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await paper();
    await page.emulateMedia({ colorScheme: "light" });
    expect(await paper()).not.toBe(dark);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".filters").first().isVisible()).toBe(false);
    // nothing of a table stands beside the paper
    await page.setViewportSize({ width: 700, height: 900 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(700);
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.emulateMedia({ media: "screen" });
  });

  it("has complained of nothing and asked for nothing", () => {
    expect(complaints).toEqual([]);
  });
});
