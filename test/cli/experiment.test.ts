import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { ExperimentResults } from "../../src/index.ts";
import { runCommandLine } from "../support/command-line.ts";
import {
  type ChatBody,
  finalText,
  type ModelServer,
  type Reply,
  startModelServer,
} from "../wire/support/model-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-experiment-"));
  await write("plain.md", "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n");
  await write("rules.md", "---\nname: rules\nsystem: Be brief.\nvariables: [q]\n---\n\n{{q}}\n");
  await write("cases.csv", "id,q,expected\ndog,犬,dog\ncat,猫,cat\n");
  await define();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);

const LINES = {
  name: "name: words",
  prompts: "prompts: [plain.md, rules.md]",
  cases: "cases: cases.csv",
  settings: "settings: { temperature: 1 }",
  checks: "checks: [{ type: equals, value: '{{expected}}' }]",
};

async function define(lines: Partial<Record<keyof typeof LINES | "more", string>> = {}): Promise<void> {
  await write("e.yaml", `${Object.values({ ...LINES, ...lines }).join("\n")}\n`);
}

async function experiment(
  words: readonly string[],
  server?: ModelServer,
  options: { lang?: string; signal?: AbortSignal } = {},
) {
  const environment = {
    GPT_OSS_CONFIG: join(folder, "none.yaml"),
    GPT_OSS_CACHE: join(folder, "cache"),
    LC_ALL: options.lang ?? "C",
    ...(server && { OPENAI_BASE_URL: server.baseUrl }),
  };
  return await runCommandLine(["experiment", ...words], {
    folder,
    environment,
    ...(options.signal && { signal: options.signal }),
  });
}

async function resultsOf(words: readonly string[], server?: ModelServer): Promise<ExperimentResults> {
  const { stdout, stderr } = await experiment([...words, "--format", "json"], server);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as ExperimentResults;
}

const translate = ({ messages }: ChatBody): Reply =>
  finalText(String(messages.at(-1)?.["content"]).includes("犬") ? "dog" : "cat");
const questionsTo = ({ exchanges }: ModelServer) =>
  exchanges.filter(({ path }) => path === "/v1/chat/completions").length;

describe("a prompt that can't be used", () => {
  it("is reported with file, line and name before any server is asked", async () => {
    await using server = await startModelServer({ replies: translate });
    await write("plain.md", "---\nname: plain\nvariables: [q]\n---\n\n{{q}}\n{{quesion}}\n");
    const { status, stderr } = await experiment(["run", "e.yaml"], server);
    expect(status).toBe(2);
    expect(stderr).toMatch(/plain\.md.*line 7.*quesion/);
    expect(server.exchanges).toEqual([]);
    await using other = await startModelServer();
    const asked = await runCommandLine(["ask", "--no-save", "--prompt", join(folder, "plain.md"), "Hi"], {
      folder,
      environment: { OPENAI_BASE_URL: other.baseUrl, GPT_OSS_CONFIG: join(folder, "none.yaml") },
    });
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringMatching(/line 7.*quesion/) });
    expect(other.exchanges).toEqual([]);
  });

  it("does not keep braces from being sent as they stand", async () => {
    await using server = await startModelServer({ replies: translate });
    const literal = '<div style={{color: "red"}}>{{! note}}{{#q}}{{/q}}{{user.name}}';
    await write("plain.md", `---\nname: plain\nvariables: [q]\n---\n\n${literal} {{q}}\n`);
    await experiment(["run", "e.yaml", "--only", "variant=plain", "--limit", "1"], server);
    const sent = server.exchanges.find(({ path }) => path === "/v1/chat/completions")?.body as ChatBody;
    expect(sent.messages.at(-1)?.["content"]).toBe(`${literal} 犬`);
  });
});

describe("--no-regression", () => {
  it("takes a margin after an equals sign, and never the experiment's name", async () => {
    await using server = await startModelServer({ replies: () => finalText("dog") });
    const requirements = async (...words: readonly string[]) =>
      (await resultsOf(["run", ...words], server)).requirements.map(({ text }) => text);
    expect(await requirements("e.yaml", "--no-regression")).toEqual(["no_regression"]);
    expect(await requirements("--no-regression", "e.yaml")).toEqual(["no_regression"]);
    expect(await requirements("--no-regression=0.05", "e.yaml")).toEqual(["no_regression: 0.05"]);
    expect(await requirements("e.yaml", "--no-regression=0")).toEqual(["no_regression: 0"]);
    expect(await requirements("e.yaml")).toEqual([]);
  });

  it.each(["5", "-0.1", "x", "0,05", "5%", " "])("refuses a margin of %j", async (margin) => {
    const { status, stderr } = await experiment(["run", "e.yaml", `--no-regression=${margin}`]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("0 to 1") });
  });
});

describe("a store with one bad record", () => {
  it.each(["", '{"version":2}', "{", "\0\u0001"])("works but for that record: run.json holds %j", async (content) => {
    await using server = await startModelServer({ replies: translate });
    await experiment(["run", "e.yaml"], server);
    await experiment(["run", "e.yaml", "--limit", "1"], server);
    const runs = join(folder, "experiment-runs", "words");
    const first = (await readdir(runs)).find((name) => name !== "cells.jsonl") ?? "";
    await write(join("experiment-runs", "words", first, "run.json"), content);
    await mkdir(join(folder, "experiment-runs", "notes"));
    await write(join("experiment-runs", "words", "cells.jsonl.bak"), "x");
    for (const words of [
      ["list"],
      ["report", "words"],
      ["run", "e.yaml"],
      ["run", "e.yaml", "--limit", "1"],
      ["diff", "words"],
    ]) {
      const { status, stderr } = await experiment(words, server);
      expect([words, status, stderr]).toEqual([words, 0, expect.stringContaining(first)]);
    }
    // the answers are in cells.jsonl: nothing was asked twice
    expect(questionsTo(server)).toBe(4);
  });
});

describe("a check in JavaScript", () => {
  it("that never ends is an error with exit status 1, and Ctrl-C ends it", async () => {
    await using server = await startModelServer({ replies: translate });
    await write("endless.mjs", "export default () => { while (true) {} };\n");
    await define({ checks: "checks: [{ type: javascript, module: endless.mjs, time_limit: 0.3 }]" });
    const run = ["run", "e.yaml", "--limit", "1", "--only", "variant=plain", "--allow-javascript"];
    const stopped = await experiment(run, server);
    expect(stopped).toMatchObject({ status: 1, stderr: expect.stringContaining("0.3 s") });
    expect((await resultsOf(["report", "words"])).cells).toMatchObject([{ score: null, answer: { final: "dog" } }]);
    await define({ checks: "checks: [{ type: javascript, module: endless.mjs, time_limit: 600 }]" });
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 1_000);
    const rescored = experiment(["rescore", "words", "--allow-javascript"], undefined, { signal: interrupt.signal });
    expect((await rescored).status).not.toBe(0);
  });
});

describe("a variant whose requests are refused", () => {
  it("counts as failed there, and is shown last with the number of its cases", async () => {
    const cases = Array.from({ length: 20 }, (_, index) => `c${index},${index}`);
    await write("cases.csv", `id,q\n${cases.join("\n")}\n`);
    await define({ prompts: "prompts: [rules.md, plain.md]", checks: "checks: [{ type: contains, value: yes }]" });
    const replies = ({ messages }: ChatBody): Reply => {
      const number = Number(messages.at(-1)?.["content"]);
      if (messages.length > 1) return number < 5 ? finalText("yes") : { status: 400, error: "too long" };
      return finalText(number < 11 ? "yes" : "no");
    };
    await using server = await startModelServer({ replies, slots: 4 });
    const { status, stdout } = await experiment(["run", "e.yaml"], server);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^plain +0\.55[^]*^rules +0\.25.* 5 of 20 cases/m);
  });
});

describe("a plan", () => {
  it("says that temperature 0 asks the same thing several times", async () => {
    await using server = await startModelServer({ replies: translate });
    await define({ settings: "settings: { temperature: [0, 1] }", more: "repeats: 3" });
    const repeated = await experiment(["run", "e.yaml", "--dry-run"], server);
    expect(repeated.stderr).toMatch(/temperature 0.*3 times/);
    await define({ settings: "settings: { temperature: 1 }", more: "repeats: 3" });
    expect((await experiment(["run", "e.yaml", "--dry-run"], server)).stderr).not.toMatch(/temperature 0/);
    expect(questionsTo(server)).toBe(0);
  });
});

describe("in Japanese", () => {
  /** Words of English sentences; names of files, models, modes and units are the same in every language. */
  const ENGLISH =
    /\b(cells?|cases?|variants?|known|prompt|tokens?|score|compare[ds]?|against|tell|report|answers?|failed|run)\b/i;

  it("speaks the plan, the progress, the table and the page", async () => {
    await using server = await startModelServer({
      replies: (body) => (body.messages.length > 1 ? { status: 400, error: "長すぎます" } : translate(body)),
    });
    const japanese = { lang: "ja_JP.UTF-8" };
    await define({ more: "description: 犬と猫\nrequirements: [score >= 0.9]" });
    const { stdout, stderr } = await experiment(["run", "e.yaml"], server, japanese);
    for (const text of [stdout, stderr]) expect(text).toMatch(/[ぁ-ん]/);
    const said = `${stdout}\n${stderr.replace(/^.*report\.html$/m, "")}`
      .split("\n")
      // what a server says, and what stands in results.json, is not ours to translate here
      .filter((line) => !/長すぎます|HTTP 400|要件/.test(line))
      .join("\n")
      .replaceAll(/llama\.cpp \S+/g, "");
    expect(said).not.toMatch(ENGLISH);
    for (const words of [["list"], ["report", "words"], ["rescore", "words"], ["diff", "words", "--all"]]) {
      const result = await experiment(words, undefined, japanese);
      expect([words, `${result.stdout}${result.stderr}`]).toEqual([words, expect.stringMatching(/[ぁ-んァ-ン]/)]);
    }
    const html = (await experiment(["report", "words", "--format", "html"], undefined, japanese)).stdout;
    expect(html).toMatch(/^<!doctype html>\n<html lang="ja">/);
    // formats for programs are the same everywhere
    for (const format of ["csv", "junit", "labels"]) {
      const words = ["report", "words", "--format", format];
      expect((await experiment(words, undefined, japanese)).stdout).toBe((await experiment(words)).stdout);
    }
  });
});

describe("a report on each case", () => {
  it("shows the input, the expected value, the rendered prompt and the judge's reason", async () => {
    const verdict = JSON.stringify({ why: "because it is a dog", pass: true });
    const replies = (body: ChatBody): Reply =>
      String(body.messages.at(-1)?.["content"]).startsWith("Right?") ? finalText(verdict) : translate(body);
    await using server = await startModelServer({ replies });
    await write("judge.md", "---\nname: judge\nvariables: [answer]\n---\n\nRight? {{answer}}\n");
    await write("plain.md", "---\nname: plain\nvariables: [q]\n---\n\nTranslate {{q}} please.\n");
    await define({ prompts: "prompts: [plain.md]", checks: "checks: [{ type: judge, prompt: judge.md }]" });
    await experiment(["run", "e.yaml"], server);
    for (const format of ["html", "labels"]) {
      const { stdout } = await experiment(["report", "words", "--format", format]);
      for (const text of ["犬", '"expected":"dog"', "Translate 犬 please.", "because it is a dog"])
        expect([format, stdout]).toEqual([format, expect.stringContaining(text)]);
    }
  });
});

describe("many cases of which all are known", () => {
  // One request for each of 10,000 cells took most of the time of a run. The number of requests stands for the time, which depends on the
  // machine.
  it("are planned with a handful of requests to the server", async () => {
    const cases = Array.from({ length: 300 }, (_, index) => `c${index},${index},x`);
    await write("cases.csv", `id,q,expected\n${cases.join("\n")}\n`);
    await define({ prompts: "prompts: [plain.md]" });
    await using server = await startModelServer({ replies: translate, slots: 8 });
    await experiment(["run", "e.yaml"], server);
    const before = server.exchanges.length;
    await experiment(["run", "e.yaml"], server);
    expect(server.exchanges.length - before).toBeLessThan(30);
  });
});

describe("cases that are added after a look at the results", () => {
  const cases = (count: number) =>
    write(
      "cases.csv",
      `id,q,expected\n${Array.from({ length: count }, (_, index) => `c${index},${index},x\n`).join("")}`,
    );

  it("are named in the report, in both languages", async () => {
    await using server = await startModelServer({ replies: translate });
    await cases(8);
    expect((await experiment(["run", "e.yaml"], server)).stdout).not.toContain("Cases were added");
    await cases(10);
    const second = await experiment(["run", "e.yaml"], server);
    expect(second.stdout).toMatch(/Cases were added.* \(8\), now 10/);
    await cases(12);
    const { earlier } = await resultsOf(["run", "e.yaml"], server);
    expect(earlier?.map((run) => run.cases)).toEqual([8, 10]);
    expect((await experiment(["report", "words"], undefined, { lang: "ja_JP.UTF-8" })).stdout).toMatch(
      /\(8\)、.*\(10\)/,
    );
    // the smaller run is what it was
    await cases(8);
    expect((await experiment(["run", "e.yaml"], server)).stdout).not.toContain("Cases were added");
  });

  it("do not cause a warning after a trial too small for a verdict, or with other prompts", async () => {
    await using server = await startModelServer({ replies: translate });
    await cases(8);
    await experiment(["run", "e.yaml", "--limit", "5"], server);
    expect((await experiment(["run", "e.yaml"], server)).stdout).not.toContain("Cases were added");
    await write("rules.md", "---\nname: rules\nsystem: Be very brief.\nvariables: [q]\n---\n\n{{q}}\n");
    await cases(9);
    expect((await experiment(["run", "e.yaml"], server)).stdout).not.toContain("Cases were added");
  });
});

describe("scoring again", () => {
  it("takes what is expected today, and the values of then where a case asks something else", async () => {
    await using server = await startModelServer({ replies: translate });
    await experiment(["run", "e.yaml"], server);
    await write("cases.csv", "id,q,expected\ndog,犬,hound\ncat,鳥,bird\n");
    const { stderr } = await experiment(["rescore", "words"]);
    expect(stderr).toMatch(/: cat\./);
    const { cells, cases } = await resultsOf(["report", "words"]);
    expect(cells.map((cell) => [cell.case, cell.pass])).toEqual([
      ["dog", false],
      ["cat", true],
      ["dog", false],
      ["cat", true],
    ]);
    expect(cases.map(({ expected }) => expected)).toEqual(["hound", "cat"]);
  });

  it("does not take a judge's verdict on other values", async () => {
    const replies = (body: ChatBody): Reply =>
      String(body.messages.at(-1)?.["content"]).includes("like") ? finalText("yes") : translate(body);
    await using server = await startModelServer({ replies });
    await write(
      "judge.md",
      "---\nname: judge\nvariables: [answer, expected]\n---\n\nIs {{answer}} like {{expected}}?\n",
    );
    await define({ checks: "checks: [{ type: judge, prompt: judge.md, pass_pattern: 'yes', fail_pattern: 'no' }]" });
    await experiment(["run", "e.yaml"], server);
    expect((await resultsOf(["rescore", "words"])).cells.map(({ pass }) => pass)).toEqual([true, true, true, true]);
    await write("cases.csv", "id,q,expected\ndog,犬,hound\ncat,猫,cat\n");
    expect((await resultsOf(["rescore", "words"])).cells.map(({ pass }) => pass)).toEqual([null, true, null, true]);
  });
});

describe("answers that are known", () => {
  it("are those of one model: servers with the same alias and other files are two", async () => {
    for (const modelPath of ["/models/a.gguf", "/models/b.gguf"]) {
      await using server = await startModelServer({ replies: [finalText(modelPath)], modelPath });
      for (let run = 0; run < 2; run++) {
        const { cells } = await resultsOf(["run", "e.yaml"], server);
        expect(new Set(cells.map(({ answer }) => answer?.final))).toEqual(new Set([modelPath]));
      }
      expect(questionsTo(server)).toBe(4);
    }
  });

  it("are asked again with --fresh, and replaced from then on", async () => {
    let round = 0;
    await using server = await startModelServer({ replies: () => finalText(`round ${round}`) });
    const finals = async (...words: readonly string[]) =>
      new Set((await resultsOf(["run", "e.yaml", ...words], server)).cells.map(({ answer }) => answer?.final));
    expect(await finals()).toEqual(new Set(["round 0"]));
    round = 1;
    expect(await finals()).toEqual(new Set(["round 0"]));
    expect(await finals("--fresh")).toEqual(new Set(["round 1"]));
    round = 2;
    expect(await finals()).toEqual(new Set(["round 1"]));
  });
});
