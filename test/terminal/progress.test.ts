import { describe, expect, it } from "@jest/globals";
import { ProgressLine } from "../../src/terminal/progress.ts";
import { Reporter, STEPS } from "../../setup/reporter.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { widthOf } from "../../src/terminal/text-width.ts";

describe("ProgressLine", () => {
  it("shows amount, speed over the last seconds and time left", () => {
    const line = new ProgressLine(textFor("en").setup);
    const progress = (done: number) => ({ activity: "downloading", done, total: 12e9, unit: "bytes" }) as const;
    expect(line.format(progress(0), 0)).toBe(`${"░".repeat(24)} 0 % downloading, 0 B of 12.0 GB`);
    line.format(progress(1e9), 1_000);
    const text = line.format(progress(3e9), 2_000);
    expect(text).toBe(`${"█".repeat(6)}${"░".repeat(18)} 25 % downloading, 3.00 GB of 12.0 GB, 1.50 GB/s, 6.0 s left`);
  });

  it("measures its speed again with another activity", () => {
    const line = new ProgressLine(textFor("en").setup);
    line.format({ activity: "checking", done: 5e9, total: 12e9, unit: "bytes" }, 0);
    line.format({ activity: "checking", done: 6e9, total: 12e9, unit: "bytes" }, 1_000);
    expect(line.format({ activity: "downloading", done: 6e9, total: 12e9, unit: "bytes" }, 1_100)).not.toContain("/s");
  });
});

describe("Reporter", () => {
  it("writes plain lines without a terminal: each step once, progress at every tenth", () => {
    const written: string[] = [];
    let now = 0;
    const reporter = new Reporter({ write: (text) => written.push(text) }, { now: () => now });
    reporter.start("build", "compiling");
    for (let percent = 0; percent <= 30; percent++) {
      reporter.progress({ activity: "compiling", done: percent, total: 100, unit: "percent" });
    }
    now = 61_000;
    reporter.done("llama-server 0.5.0");
    expect(written.join("")).toBe(
      [
        "[4/6] build      compiling 10 %",
        "[4/6] build      compiling 20 %",
        "[4/6] build      compiling 30 %",
        "[4/6] build      llama-server 0.5.0 (1 min 01 s)",
        "",
      ].join("\n"),
    );
  });

  it("keeps one live line on a terminal, never wider than it, and clears it for a sentence", () => {
    const written: string[] = [];
    const reporter = new Reporter({ isTTY: true, columns: 40, write: (text) => written.push(text) }, { now: () => 0 });
    reporter.start("source", "fetching something with a very long name indeed");
    expect(written.at(-1)).toBe("\r[3/6] source     fetching something wi…\x1b[K");
    reporter.notice("A sentence.");
    expect(written.slice(1)).toEqual(["\r\x1b[K", "                 A sentence.\n"]);
  });

  it("cuts a line of wide characters where the terminal ends, and lines its columns up", () => {
    const written: string[] = [];
    const output = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
    const reporter = new Reporter(output, { words: textFor("ja").setup, now: () => 0 });
    reporter.start("toolchain", textFor("ja").setup.lookingForTools);
    // the next character would take the cells 39 and 40, and the cursor needs the last one
    expect(written.at(-1)).toBe("\r[2/6] ツール  git、cmake、C++17 コンパ…\x1b[K");
    reporter.notice("A sentence.");
    for (const step of STEPS) {
      reporter.start(step, "");
      reporter.done("here", { skipped: true });
    }
    const columns = written.flatMap((text) => /^.*(?=here)|^ +(?=A sentence)/.exec(text) ?? []).map(widthOf);
    expect(columns).toEqual(Array(7).fill(14));
  });

  it("shows progress in Japanese", () => {
    const line = new ProgressLine(textFor("ja").setup);
    const progress = (done: number) => ({ activity: "downloading", done, total: 12e9, unit: "bytes" }) as const;
    line.format(progress(1e9), 0);
    expect(line.format(progress(2e9), 10_000).slice(24)).toBe(
      " 16 % ダウンロード中、2.00 GB / 12.0 GB、100 MB/s、残り 1 分 40 秒",
    );
  });
});
