import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../support/command-line.ts";
import { type ChatBody, finalText, type ModelServer, startModelServer } from "../wire/support/model-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-selection-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = () => ({ GPT_OSS_CONFIG: join(folder, "none.yaml"), GPT_OSS_CACHE: join(folder, "cache") });
const experiment = (...words: readonly string[]) =>
  runCommandLine(["experiment", ...words], { environment: environment(), folder });

const said = ({ messages }: ChatBody) => String(messages.at(-1)?.["content"]);

async function writeExperiment(prompt = "{{q}}"): Promise<void> {
  const cases = Array.from({ length: 12 }, (_, index) => ({
    id: `c${index}`,
    variables: { q: String(index) },
    expected: String(index),
    tags: index % 2 === 0 ? ["even"] : ["odd", "even-ish"],
  }));
  const definition = {
    name: "s",
    variants: [{ name: "v", prompt }],
    cases,
    settings: { max_tokens: 99 },
    checks: [{ type: "equals", value: "{{expected}}" }],
  };
  await writeFile(join(folder, "s.yaml"), JSON.stringify(definition));
}

async function idsOf(server: ModelServer, ...flags: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await experiment("run", "s.yaml", "--base-url", server.baseUrl, "--format", "json", ...flags);
  return (JSON.parse(stdout) as { cases: { id: string }[] }).cases.map(({ id }) => id);
}

describe("which cases an experiment runs", () => {
  beforeEach(() => writeExperiment());

  it("is chosen by tag", async () => {
    await using server = await startModelServer({ replies: (body) => finalText(said(body)) });
    expect(await idsOf(server, "--only", "tag=odd")).toEqual(["c1", "c3", "c5", "c7", "c9", "c11"]);
    expect(await idsOf(server, "--only", "tag=even*", "--limit", "3")).toEqual(["c0", "c1", "c2"]);
    expect(await experiment("run", "s.yaml", "--base-url", server.baseUrl, "--only", "tag=none")).toMatchObject({
      status: 2,
    });
  });

  it("is drawn at random, the same for the same seed", async () => {
    await using server = await startModelServer({ replies: (body) => finalText(said(body)) });
    const first = await idsOf(server, "--sample", "4", "--seed", "3");
    expect(first).toHaveLength(4);
    expect(await idsOf(server, "--sample", "4", "--seed", "3")).toEqual(first);
    const others = [await idsOf(server, "--sample", "4"), await idsOf(server, "--sample", "4", "--seed", "2")];
    expect(others).not.toEqual([first, first]);
    expect(await idsOf(server, "--sample", "99")).toHaveLength(12);
  });

  it("is what failed in the latest run", async () => {
    await using server = await startModelServer({
      replies: (body) => finalText(["3", "8"].includes(said(body)) ? "?" : said(body)),
    });
    const none = await experiment("run", "s.yaml", "--base-url", server.baseUrl, "--only", "failed");
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining("latest run") });
    await idsOf(server);
    expect(await idsOf(server, "--only", "failed")).toEqual(["c3", "c8"]);
  });
});

describe("--compare-to", () => {
  it("compares with an earlier run's results, and --no-regression holds for it", async () => {
    await using server = await startModelServer({
      replies: (body) =>
        finalText(
          said(body)
            .replace(/^worse \d$/, "?")
            .replace(/^\w+ /, ""),
        ),
    });
    await writeExperiment("good {{q}}");
    const before = await experiment("run", "s.yaml", "--base-url", server.baseUrl, "--format", "json");
    await writeFile(join(folder, "before.json"), before.stdout);
    const compare = (...flags: readonly string[]) =>
      experiment("run", "s.yaml", "--base-url", server.baseUrl, "--compare-to", "before.json", ...flags);
    await writeExperiment("fine {{q}}");
    expect(await compare("--no-regression=0.9")).toMatchObject({ status: 0 });
    await writeExperiment("worse {{q}}");
    const worse = await compare("--no-regression", "--format", "markdown");
    expect(worse).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/worse/),
      stderr: expect.stringMatching(/no_regression.*not met/),
    });
    const junit = await compare("--no-regression", "--format", "junit");
    // the results of this run alone, and the requirement against the baseline and against the file
    expect(junit.stdout.match(/<testcase /g)).toHaveLength(12 + 2);
    expect(await compare()).toMatchObject({ status: 0 });
  });

  it.each(["{", '{"version":1}'])("refuses a file that has no results, before anything is asked: %s", async (text) => {
    await using server = await startModelServer();
    await writeExperiment();
    await writeFile(join(folder, "before.json"), text);
    const { status, stderr } = await experiment(
      "run",
      "s.yaml",
      "--base-url",
      server.baseUrl,
      "--compare-to",
      "before.json",
    );
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining("before.json") });
    expect(server.exchanges).toEqual([]);
  });
});

describe("experiment init", () => {
  it.each(["en", "ja"])("writes an example that runs, and overwrites nothing, in %s", async (language) => {
    await using server = await startModelServer();
    const words = (...given: readonly string[]) =>
      runCommandLine(["experiment", ...given], { environment: { ...environment(), GPT_OSS_LANG: language }, folder });
    expect(await words("init", "挨拶")).toMatchObject({ status: 0, stderr: expect.stringContaining("挨拶.yaml") });
    const text = await readFile(join(folder, "prompts/experiments/挨拶.yaml"), "utf8");
    expect(text).toContain("# ");
    expect((await words("list")).stderr + (await words("list")).stdout).toContain("挨拶");
    const run = await words("run", "挨拶", "--base-url", server.baseUrl);
    expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
    expect(await words("init", "挨拶")).toMatchObject({ status: 2 });
    expect(await readFile(join(folder, "prompts/experiments/挨拶.yaml"), "utf8")).toBe(text);
    expect(await words("init", "../x")).toMatchObject({ status: 2 });
  });
});
