import { describe, expect, it } from "@jest/globals";
import type { HelpLanguage } from "../../src/cli/command-options.ts";
import { commandsOf, programFor } from "./support/program.ts";
import { ENGLISH, helpIn } from "../../src/cli/interface-language.ts";

const JAPANESE = await helpIn("ja");

/** What commander writes of words that it does not take. */
async function complaintOf(words: readonly string[], language: HelpLanguage): Promise<string> {
  const program = await programFor(language, words);
  let written = "";
  for (const command of commandsOf(program)) command.configureOutput({ writeErr: (text) => (written += text) });
  await program.parseAsync(words, { from: "user" }).then(
    () => {
      throw new Error(`${words.join(" ")} was taken`);
    },
    () => undefined,
  );
  return written.replace(`${language.texts.program.seeHelp}\n`, "").trimEnd();
}

describe("complaints of the command line", () => {
  it.each([
    ["chta", "chta というコマンドはありません。\n(chat のことですか？)"],
    ["xyzzy", "xyzzy というコマンドはありません。"],
    ["chat --modle x", "--modle というオプションはありません。\n(--model のことですか？)"],
    ["chat --xyzzy", "--xyzzy というオプションはありません。"],
    ["experiment compare a b --ou c", "--ou というオプションはありません。\n(--out のことですか？)"],
    ["setup --gpu foo", '--gpu に "foo" は指定できません。指定できるもの: auto, metal, cuda, vulkan, cpu'],
    ["setup --jobs 0", '--jobs に "0" は指定できません。1 以上の整数を指定してください。'],
    ["serve --parallel x", '--parallel に "x" は指定できません。1 以上の整数を指定してください。'],
    ["setup --jobs", "--jobs の値がありません。--jobs <number> の形で指定してください。"],
    ["sessions show", "引数 <id|title> を指定してください。"],
    ["config x y", "config は引数を取りませんが、2 個指定されています。"],
    ["experiment compare a b c", "compare の引数は 2 個ですが、3 個指定されています。"],
    ["completion tcsh", '引数 shell に "tcsh" は指定できません。指定できるもの: zsh, bash, fish, powershell'],
  ])("are made in Japanese: %s", async (words, complaint) => {
    expect(await complaintOf(words.split(" "), JAPANESE)).toBe(complaint);
  });

  it("offer more than one word that is near", async () => {
    expect(JAPANESE.usageError("error: unknown command 'x'\n(Did you mean one of xa, xb?)\n")).toBe(
      "x というコマンドはありません。\n(xa, xb のことですか？)\n",
    );
  });

  it("stay in commander's own words where these are unknown", () => {
    expect(JAPANESE.usageError("error: something new\n")).toBe("error: something new\n");
  });

  it("are commander's in English", async () => {
    expect(await complaintOf(["chta"], ENGLISH)).toBe("error: unknown command 'chta'\n(Did you mean chat?)");
    expect(await complaintOf(["setup", "--jobs", "0"], ENGLISH)).toBe(
      "error: option '--jobs <number>' argument '0' is invalid. It has to be a whole number from 1 on.",
    );
  });
});
