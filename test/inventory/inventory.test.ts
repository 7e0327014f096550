import { describe, expect, it } from "@jest/globals";
import { UNTESTED } from "./exceptions.ts";
import {
  expectsCode,
  expectsStatus,
  givesSetting,
  givesVariable,
  usesExport,
  usesFlag,
  usesSlashCommand,
} from "./support/covered.ts";
import {
  errorCodes,
  exitStatuses,
  flags,
  publicExports,
  settings,
  slashCommands,
  variables,
} from "./support/offered.ts";
import { behaviouralTests, programSource, type SourceFile } from "./support/source-files.ts";

const tests = behaviouralTests();
const source = programSource();

function untested<Item>(
  items: readonly Item[],
  isUsed: (item: Item, test: SourceFile) => boolean,
  nameOf: (item: Item) => string = String,
): string[] {
  return items.filter((item) => !tests.some((test) => isUsed(item, test))).map(nameOf);
}

describe("each of the program's", () => {
  it("flags is used by a test that runs the program", async () => {
    const all = await flags();
    expect(all.length).toBeGreaterThan(70);
    expect(untested(all, usesFlag, ({ path, flag }) => `${path} ${flag}`)).toEqual(UNTESTED["flags"]);
  });

  it("slash commands is typed by a test", async () => {
    const all = await slashCommands();
    expect(all.length).toBeGreaterThan(20);
    expect(untested(all, usesSlashCommand)).toEqual(UNTESTED["slash commands"]);
  });

  it("environment variables is given a value by a test", () => {
    const all = variables(source);
    expect(all).toEqual(expect.arrayContaining(["GPT_OSS_MODEL", "GPT_OSS_CACHE", "HF_TOKEN", "NO_COLOR", "EDITOR"]));
    expect(untested(all, givesVariable)).toEqual(UNTESTED["variables"]);
  });

  it("settings is given a value by a test of a file of settings", async () => {
    const all = await settings();
    expect(all.length).toBeGreaterThan(10);
    expect(untested(all, givesSetting)).toEqual(UNTESTED["settings"]);
  });

  it("public exports is imported from its entry, and used", () => {
    const all = publicExports();
    expect(all.length).toBeGreaterThan(20);
    expect(untested(all, usesExport)).toEqual(UNTESTED["exports"]);
  });

  it("exit statuses is expected by a test that runs the program", () => {
    const all = exitStatuses(source);
    expect(all).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 130]));
    expect(untested(all, expectsStatus)).toEqual(UNTESTED["statuses"]);
  });

  it("error codes is expected by a test", () => {
    const all = errorCodes(source);
    expect(all.length).toBeGreaterThan(15);
    expect(untested(all, expectsCode)).toEqual(UNTESTED["error codes"]);
  });
});

describe("a test counts only when it uses something", () => {
  const file = (text: string): SourceFile => ({ path: "test/x.test.ts", text });

  it.each([
    [
      false,
      usesFlag({ command: "chat", path: "gpt-oss chat", flag: "--plain" }, file('const FLAGS = ["chat", "--plain"];')),
    ],
    [
      true,
      usesFlag({ command: "chat", path: "gpt-oss chat", flag: "--plain" }, file('runCommandLine(["chat", "--plain"])')),
    ],
    [
      false,
      usesFlag({ command: "ask", path: "gpt-oss ask", flag: "--plain" }, file('runCommandLine(["chat", "--plain"])')),
    ],
    [false, usesSlashCommand("undo", file('runCommandLine(["chat"], "/undo")'))],
    [true, usesSlashCommand("undo", file(String.raw`typeCommandLine(["chat"]); chat.type("/undo\r")`))],
    [false, givesVariable("GPT_OSS_THINK", file('["GPT_OSS_THINK", "GPT_OSS_PLAIN"]'))],
    [true, givesVariable("GPT_OSS_THINK", file('{ GPT_OSS_THINK: "show" }'))],
    [false, usesExport("agent", file('import { agent } from "../../chains/index.ts";'))],
    [false, usesExport("agent", file('import { agent } from "../../chains/agent.ts";\nagent();'))],
    [true, usesExport("agent", file('import { agent } from "../../chains/index.ts";\nagent();'))],
    [false, expectsStatus(4, file("expect(status).toBe(4)"))],
    [true, expectsStatus(4, file("runCommandLine([]);\nexpect(status).toBe(4)"))],
  ])("%s", (expected, found) => {
    expect(found).toBe(expected);
  });
});
