import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { runCli } from "../support/run-cli.ts";

jest.setTimeout(300_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-cli-"));
  await writeFile(join(folder, "plain.md"), "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n");
  await writeFile(
    join(folder, "told.md"),
    "---\nname: told\nsystem: The user's name is Alice.\nvariables: [q]\n---\n\n{{q}}\n",
  );
  await writeFile(join(folder, "check.mjs"), "export default ({ text }) => text.includes('Alice');\n");
  await define("[plain.md, told.md]", "{ type: contains, value: Alice }");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function define(prompts: string, check: string): Promise<void> {
  const lines = [
    "name: names",
    `prompts: ${prompts}`,
    "cases: [{ id: 名前, variables: { q: What is my name? } }, { id: hello, variables: { q: Hello } }]",
    "settings: { effort: low, max_tokens: 100 }",
    `checks: [${check}]`,
  ];
  await writeFile(join(folder, "e.yaml"), `${lines.join("\n")}\n`);
}

const experiment = (...words: readonly string[]) => runCli(["experiment", ...words], { folder });
const run = (...words: readonly string[]) => experiment("run", "e.yaml", "--model", "demo", ...words);

describe("gpt-oss experiment", () => {
  it("plans without asking, then runs, with data on standard output and the rest on standard error", async () => {
    const dry = await run("--dry-run");
    expect(dry).toMatchObject({ status: 0, stdout: "" });
    expect(dry.stderr).toContain("4 results (2 variants × 2 test cases × 1 repeat): 0 cached, 4 to run.");
    const done = await run();
    expect(done.status).toBe(0);
    expect(done.stdout).toContain("names, run ");
    expect(done.stdout).toMatch(/told +0\.50/);
    expect(done.stderr).toContain("0 cached, 4 to run.");
    expect(done.stderr).toMatch(/results 4 of 4, [\d.]+\/s, in/);
    expect((await run()).stderr).toContain("4 cached, 0 to run.");
    for (const { stderr } of [dry, done]) {
      expect(stderr).toContain("This is the small demo model");
      expect(stderr).not.toContain("Warning");
    }
  });

  it("runs the experiment that is meant for gpt-oss-20b on the demo model too, and says what is not met", async () => {
    const { status, stdout, stderr } = await experiment("run", "summary-ja", "--model", "demo", "--repeats", "1");
    expect(status).toBe(1);
    expect(stderr).toContain("32 results (4 variants × 8 test cases × 1 repeat): 0 cached, 32 to run.");
    expect(stderr).toMatch(/The requirement language >= 0\.95 is not met: summary-ja-rules, low: 0\.\d+/);
    expect(stderr).not.toContain("failed");
    for (const check of ["length", "language", "number", "proper-noun", "no_truncation"])
      expect(stdout).toMatch(new RegExp(`^${check} .*\\d\\.\\d\\d`, "m"));
    const page = await experiment("report", "summary-ja", "--format", "html");
    expect(page.stdout).toContain("桜川市立図書館");
  });

  it("writes every format, and a page into the run's folder", async () => {
    const json = JSON.parse((await run("--format", "json")).stdout) as { readonly run: string };
    expect(await readFile(join(folder, "experiment-runs/names", json.run, "report.html"), "utf8")).toContain(
      "<!doctype html>",
    );
    expect((await experiment("report", "names", "--format", "csv")).stdout).toMatch(
      /^variant,case,repeat,seed,mode,status/,
    );
    expect((await experiment("report", "names", "--format", "junit")).stdout).toContain(
      '<testsuite name="told" tests="2" failures="1"',
    );
    expect((await experiment("report", `names/${json.run}`, "--format", "markdown")).stdout).toContain(
      "| told | 0.50 |",
    );
    expect((await experiment("list")).stderr).toContain(`run names/${json.run}: 4 results, fast`);
    expect((await experiment("list")).stdout).toMatch(/^recall\t/m);
  });

  it("exits with 1 when a requirement is not met, and says which", async () => {
    const missed = await run("--require", "score>=0.9", "--no-regression");
    expect(missed.status).toBe(1);
    expect(missed.stderr).toContain("The requirement score >= 0.9 is not met: told: 0.5.");
    expect((await run("--require", "score>=0.5", "--only", "variant=told")).status).toBe(0);
  });

  it("shows answers side by side, compares two runs, and scores again without a model", async () => {
    await run();
    const { stdout } = await experiment("diff", "names");
    expect(stdout).toContain("名前 #1: plain (fail 0.00) → told (pass 1.00)");
    expect(stdout).toContain("{+");
    await run("--limit", "1");
    const compared = await experiment("compare", "names~1", "names");
    expect(compared).toMatchObject({ status: 0 });
    expect(compared.stdout).toContain("inconclusive");
    await define("[plain.md, told.md]", "{ type: max_chars, limit: 1000 }");
    const rescored = await experiment("rescore", "names", "--format", "csv");
    expect(rescored.stdout).toContain("check:max_chars");
    expect(rescored.stdout.match(/,pass,1,1,/g)).toHaveLength(2);
  });

  it("runs a module only when told to", async () => {
    await define("[told.md]", "{ type: javascript, module: check.mjs }");
    const refused = await run();
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("--allow-javascript");
    expect((await run("--allow-javascript")).stdout).toMatch(/told +0\.50/);
  });

  it("says in a sentence what is wrong, with the exit code for it", async () => {
    await define("[told.md]", "{ type: no_truncation }");
    await writeFile(join(folder, "broken.yaml"), "name: x\nprompts: [told.md]\ncases: []\n");
    const broken = await experiment("run", "broken.yaml");
    expect(broken.status).toBe(2);
    expect(broken.stderr).toMatch(/^The experiment .*broken\.yaml can't be used: line 3: cases: /);
    expect((await experiment("run", "nothing")).status).toBe(2);
    expect((await experiment("report", "nothing")).status).toBe(2);
    expect((await run("--require", "score")).status).toBe(2);
    // before anything is asked
    expect(await run("--require", "scor>=1")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--require scor>=1.*scor\b.*score, pass_rate, errors, /),
    });
    for (const out of ["plain.md", "/dev/null/runs", "/proc/runs"]) {
      const unwritable = await run("--out", out);
      expect(unwritable.status).toBe(1);
      expect(unwritable.stderr).toMatch(/(plain\.md|runs).*\n.*--out/);
    }
    expect((await run("--only", "colour=red")).status).toBe(2);
    const nobody = await experiment("run", "e.yaml", "--base-url", "http://127.0.0.1:2/v1");
    expect(nobody.status).toBe(3);
    expect(nobody.stderr).toContain("does not answer (ECONNREFUSED)");
    expect(nobody.stderr).not.toContain("    at ");
  });
});
