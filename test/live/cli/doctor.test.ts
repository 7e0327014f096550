import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { JAPANESE } from "../support/cli-environment.ts";
import { runCli } from "../support/run-cli.ts";

let folder: string;
let environment: Record<string, string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-doctor-"));
  environment = { GPT_OSS_RUNTIME: join(folder, "run"), HF_HUB_CACHE: join(folder, "hub") };
});
afterEach(async () => {
  await runCli(["serve", "stop"], { environment });
  await rm(folder, { recursive: true, force: true });
});

const doctor = (words: string[], more: Record<string, string> = {}) =>
  runCli(["doctor", ...words], { environment: { ...environment, ...more }, folder });

describe("gpt-oss doctor", () => {
  it("says on one screen what is here and where each setting comes from", async () => {
    await writeFile(join(folder, ".env"), "GPT_OSS_CONTEXT=4096\nOPENAI_API_KEY=secret\n");
    const { stdout } = await doctor(["--model", "demo"]);
    expect(stdout).toMatch(/^gpt-oss +\d+\.\d+\.\d+.*Node\.js \d+/);
    expect(stdout).toMatch(/^platform +(Linux|macOS) /m);
    expect(stdout).toMatch(/^llama-server +0\.5\.0/m);
    expect(stdout).toMatch(/^model demo +2\.58 MB, /m);
    expect(stdout).toContain("demo, context 4096 tokens\n");
    expect(stdout).toContain("model = demo (--model)\n");
    expect(stdout).toContain(`context = 4096 (GPT_OSS_CONTEXT in ${join(folder, ".env")})\n`);
    expect(stdout).not.toContain("secret");
    expect(stdout.split("\n").length).toBeLessThan(25);
  });

  it("says what is wrong and how to fix it, and ends with 1", async () => {
    const none = await doctor(["--json"], { GPT_OSS_CACHE: join(folder, "empty"), PATH: "/nowhere" });
    expect(none.status).toBe(1);
    const { ok, findings } = JSON.parse(none.stdout) as { ok: boolean; findings: { name: string }[] };
    expect(ok).toBe(false);
    expect(findings.find(({ name }) => name === "llama-server")).toMatchObject({
      problem: "llama-server is not installed.",
      remedy: "Build one with: npx gpt-oss setup",
    });
    const wrong = await doctor([], { GPT_OSS_CONTEXT: "many", GPT_OSS_MODEL: "demo" });
    expect(wrong.status).toBe(1);
    expect(wrong.stdout).toContain('GPT_OSS_CONTEXT: "many"');
  });

  it("says it in Japanese where the locale does, and in English to programs and in the report", async () => {
    const more = { ...JAPANESE, GPT_OSS_CACHE: join(folder, "empty"), GPT_OSS_CONTEXT: "4096", PATH: "/nowhere" };
    const { stdout } = await doctor(["--model", "demo"], more);
    expect(stdout).toMatch(/^環境 {10}\S+ \S+、メモリー /m);
    expect(stdout).toMatch(
      /^llama-server {2}なし\n {14}! llama-server がありません。\n {14} {2}次のコマンドで.*setup$/m,
    );
    expect(stdout).toMatch(/^モデル demo {3}2\.58 MB、パッケージに付属$/m);
    expect(stdout).toMatch(/^サーバー {6}起動していません/m);
    expect(stdout).toMatch(/context = 4096 \(GPT_OSS_CONTEXT\)$/m);
    const wrong = await doctor([], { ...more, GPT_OSS_CONTEXT: "many" });
    expect(wrong.stdout).toContain('! GPT_OSS_CONTEXT に "many" は指定できません');
    const json = await doctor(["--json", "--model", "demo"], more);
    expect(json.stdout).toContain("llama-server is not installed.");
    expect(json.stdout).not.toMatch(/[\u3041-\u30FF]/);
  });

  it("writes a report of what the model answers, raw and read", async () => {
    const { stderr } = await doctor(["--report", "report.md"], { GPT_OSS_MODEL: "demo" });
    expect(stderr).toContain(join(folder, "report.md"));
    const report = await readFile(join(folder, "report.md"), "utf8");
    const right = [...report.matchAll(/^\| (.+?) \| yes \|/gm)].map(([, title]) => title);
    // what lies 4,000 tokens back is more than the demo model can remember
    expect(right).toEqual([
      "Plain",
      "Thinking, effort low",
      "Thinking, effort medium",
      "Thinking, effort high",
      "Japanese",
      "Tool call",
      "Tool result",
      "Structured output (held by a grammar)",
      "Continue",
    ]);
    expect(report).toContain("<|channel|>commentary");
    expect(report).toMatch(/"name": "get_weather"/);
  });
});
