import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "@jest/globals";
import { readConfigFile } from "../../src/config/config.ts";
import { regex } from "../../src/experiment/checks/built-in-checks.ts";
import type { Judged } from "../../src/experiment/checks/check.ts";
import { loadExperimentFile } from "../../src/experiment/definition/load-experiment.ts";
import { fillTemplate } from "../../src/prompts/template.ts";
import { parsePrompt } from "../../src/prompts/prompts.ts";

/** A billion words in 500 bytes. */
const BOMB = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghi".split("").map((name, index) => {
    const before = `*${"abcdefgh"[index]}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
  }),
].join("\n");

const folder = mkdtempSync(join(tmpdir(), "gpt-oss-input-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("a YAML file that unfolds into a billion words is refused in a sentence", () => {
  it("as settings", () => {
    const path = write("config.yaml", BOMB);
    expect(() => readConfigFile(path)).toThrow(`The settings in ${path} can't be used`);
  });

  it("as the front matter of a prompt", () => {
    expect(() => parsePrompt(`---\n${BOMB}\n---\nHello`, "bomb.md")).toThrow("The prompt bomb.md can't be used");
  });

  it("as an experiment", async () => {
    const path = write("bomb.yaml", BOMB);
    const loading = loadExperimentFile(path, { allowJavascript: false });
    await expect(loading).rejects.toThrow(`The experiment ${path} can't be used`);
  });
});

describe("a name that every object has", () => {
  it("is no variable of a template", () => {
    expect(fillTemplate("{{constructor}} {{__proto__}}", {})).toBe("{{constructor}} {{__proto__}}");
  });

  it("sets nothing on other objects when a file of settings holds it", () => {
    expect(() => readConfigFile(write("proto.yaml", "__proto__: { polluted: yes }"))).toThrow("__proto__");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("a regular expression that would take for ever", () => {
  it("fails the check, says so, and lets the run go on", async () => {
    const check = regex({ type: "regex", pattern: "^(a+)+$", flags: "u" } as Parameters<typeof regex>[0]);
    const score = await check({
      text: `${"a".repeat(50)}!`,
      case: { id: "c", variables: {}, expected: undefined },
    } as unknown as Judged);
    expect(score).toMatchObject({ pass: false, score: 0, why: "/^(a+)+$/u takes too long on this answer" });
  });
});
