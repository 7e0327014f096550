import { describe, expect, it } from "@jest/globals";
import { CommanderError } from "commander";
import { helpIn } from "../../src/cli/interface-language.ts";
import { programFor } from "./support/program.ts";

const LANGUAGES = { en: await helpIn("en"), ja: await helpIn("ja") };

/** What is written about a wrong command line, and the code of the error. */
async function errorOf(words: readonly string[], language: keyof typeof LANGUAGES) {
  let written = "";
  try {
    const program = await programFor(LANGUAGES[language], words, (text) => (written += text));
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.code.replace("commander.", ""), written };
    throw error;
  }
  throw new Error(`${words.join(" ")} was accepted`);
}

const hasJapanese = (text: string) => /[\u3041-\u30FF\u4E00-\u9FFF]/.test(text);

/** Of each mistake: the words, the code, what the error names, and the command whose help it points to. */
const MISTAKES: readonly (readonly [words: string[], code: string, named: string[], command: string])[] = [
  [["chta"], "unknownCommand", ["chta", "chat"], "gpt-oss"],
  [["xyzzy"], "unknownCommand", ["xyzzy"], "gpt-oss"],
  [["sessions", "serach", "foo"], "unknownCommand", ["serach", "search"], "gpt-oss sessions"],
  [["chat", "--modle", "x"], "unknownOption", ["--modle", "--model"], "gpt-oss chat"],
  [["chat", "--xyzzy"], "unknownOption", ["--xyzzy"], "gpt-oss chat"],
  [["experiment", "compare", "a", "b", "--ou", "c"], "unknownOption", ["--ou", "--out"], "gpt-oss experiment compare"],
  [["setup", "--gpu", "foo"], "invalidArgument", ["--gpu", "foo", "metal", "vulkan"], "gpt-oss setup"],
  [["setup", "--jobs", "0"], "invalidArgument", ["--jobs", "0", "1"], "gpt-oss setup"],
  [["experiment", "run", "x", "--no-regression=7"], "invalidArgument", ["7", "0", "1"], "gpt-oss experiment run"],
  [["completion", "tcsh"], "invalidArgument", ["<shell>", "tcsh", "zsh", "fish"], "gpt-oss completion"],
  [["setup", "--jobs"], "optionMissingArgument", ["--jobs <number>"], "gpt-oss setup"],
  [["sessions", "show"], "missingArgument", ["<id|title>"], "gpt-oss sessions show"],
  [["config", "x", "y"], "excessArguments", ["gpt-oss config", "2"], "gpt-oss config"],
  [["experiment", "compare", "a", "b", "c"], "excessArguments", ["2", "3"], "gpt-oss experiment compare"],
];

describe.each(["en", "ja"] as const)("a mistake on the command line, in %s", (language) => {
  it.each(MISTAKES)("%j is an error with the code %s", async (words, code, named, command) => {
    const { written, ...error } = await errorOf(words, language);
    expect(error.code).toBe(code);
    for (const name of named) expect(written).toContain(name);
    const [message = "", ...others] = written.trimEnd().split("\n");
    expect(hasJapanese(message)).toBe(language === "ja");
    expect(others).toEqual([expect.stringContaining(`${command} --help`)]);
  });

  it("offers all names that are equally near, and none that is far", async () => {
    expect((await errorOf(["sessions", "sho"], language)).written).toContain("show");
    const { written } = await errorOf(["experiment", "re"], language);
    expect(written).not.toMatch(/report|rescore/);
    expect((await errorOf(["chat", "--mod"], language)).written).toContain("--model");
  });

  it.each([["-x y"], ["-5x"], ["-x\ny"]])("says how to ask a question such as %j", async (question) => {
    expect((await errorOf(["ask", question], language)).written).toContain("gpt-oss ask -- ");
    expect((await errorOf(["ask", "-x"], language)).written).not.toContain("gpt-oss ask -- ");
  });
});
