import { describe, expect, it } from "@jest/globals";
import type { Command } from "commander";
import { widthOf } from "../../src/terminal/text-width.ts";
import { HELP_EXAMPLES } from "../../src/cli/help-examples.ts";
import { helpIn } from "../../src/cli/interface-language.ts";
import { pathOf } from "../../src/cli/localized-command.ts";
import { commandsOf, programFor } from "./support/program.ts";

const ENGLISH = await helpIn("en");
const JAPANESE = await helpIn("ja");
const COMPLETION = ["completion"];

/** What is said of each command, option and argument, by where it stands. */
function descriptionsOf(program: Command): ReadonlyMap<string, string> {
  const rows = commandsOf(program).flatMap((command): [string, string][] => {
    const help = command.createHelp();
    const path = pathOf(command);
    const parts: (readonly (readonly [string, string])[])[] = [
      [["", command.description()]],
      help.visibleOptions(command).map(({ flags, description }) => [flags, description] as const),
      help.visibleArguments(command).map((argument) => [argument.name(), argument.description] as const),
      help.visibleCommands(command).map((child) => [child.name(), help.subcommandDescription(child)] as const),
    ];
    return parts.flat().map(([name, text]) => [`${path} ${name}`, text]);
  });
  return new Map(rows.filter(([, description]) => description !== ""));
}

async function helpsAt(columns: number): Promise<string[]> {
  const layout = { ...JAPANESE.layout, helpWidth: columns };
  const program = await programFor({ ...JAPANESE, layout }, COMPLETION);
  return commandsOf(program).map((command) => withoutExamples(command.helpInformation()));
}

/** Examples are command lines: they are not translated, and not wrapped. */
const withoutExamples = (help: string) => help.replaceAll(/^ {2}\$ .*\n/gm, "");

describe.each([[[]], [COMPLETION]])("the program, for %j", (words) => {
  it("says each thing in both languages", async () => {
    const english = descriptionsOf(await programFor(ENGLISH, words));
    const japanese = descriptionsOf(await programFor(JAPANESE, words));
    expect([...japanese.keys()]).toEqual([...english.keys()]);
    expect(english.size).toBeGreaterThan(100);
    const isJapanese = (text = "") => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text);
    expect([...japanese].filter(([, text]) => !isJapanese(text))).toEqual([]);
  });

  it("names the same settings, flags and programs in both", async () => {
    const japanese = descriptionsOf(await programFor(JAPANESE, words));
    const named = (text = "") => text.match(/\b[A-Z]+_[A-Z_]+\b|--[a-z-]+|\bgpt-oss-\w+|llama-server|rpc-server/g);
    const counted = (text?: string) => [...new Set(named(text))].toSorted();
    for (const [path, text] of descriptionsOf(await programFor(ENGLISH, words)))
      expect([path, counted(japanese.get(path))]).toEqual([path, counted(text)]);
  });
});

describe("the help in Japanese", () => {
  it("has no words of commander's left", async () => {
    const text = (await helpsAt(80)).join("\n").replaceAll(/gpt-oss( [a-z]+)+/g, "");
    // a row of English words; names of options, values and programs stand alone
    expect(text.match(/[a-z]+ (?:[a-z]+ )+[a-z]+/gi)).toEqual(null);
    expect(text).not.toMatch(/Usage|Options|Commands|Arguments|choices|default:|env:|\[options\]|\[command\]/);
  });

  it.each([60, 80, 120])("keeps to %d columns, and begins no line with a mark that ends something", async (columns) => {
    const lines = (await helpsAt(columns)).flatMap((help) => help.split("\n"));
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    expect(lines.filter((line) => /^ *[、。」』）)ー・ぁぃぅぇぉっゃゅょァィゥェォッャュョ]/.test(line))).toEqual([]);
    expect(lines.some((line) => widthOf(line) > columns - 10)).toBe(true);
  });

  it("has its descriptions below one another", async () => {
    for (const help of await helpsAt(80)) {
      const [, ...items] = help.split(/\n(?= {2}\S)/);
      const starts = items.map((item) => widthOf(/^ {2}\S.*? {2,}/.exec(item)?.[0] ?? ""));
      expect(new Set(starts).size).toBe(1);
    }
  });

  it("puts descriptions below what they describe if they do not fit beside it", async () => {
    const program = await programFor({ ...JAPANESE, layout: { ...JAPANESE.layout, helpWidth: 60 } });
    const sessions = commandsOf(program).find((command) => command.name() === "sessions");
    expect(sessions?.helpInformation()).toContain(
      "\n  rename [オプション] <id|title> <title...>\n      会話のタイトルを変更します\n",
    );
  });
});

describe("the examples in the help", () => {
  it("show at least one for each command, and name only commands that exist", async () => {
    const paths = commandsOf(await programFor(ENGLISH, [])).map((command) => pathOf(command));
    expect(Object.keys(HELP_EXAMPLES).toSorted()).toEqual(paths.toSorted());
  });

  it.each(Object.values(HELP_EXAMPLES).flat())("use only arguments and options that exist: %s", async (example) => {
    const words = wordsOf(example);
    const [command, rest] = commandFor(await programFor(ENGLISH, words), words);
    const { operands, unknown } = command.parseOptions(rest);
    expect(unknown.filter((word) => word !== "--" && word !== "--help")).toEqual([]);
    const most = command.registeredArguments.some(({ variadic }) => variadic) ? 9 : command.registeredArguments.length;
    expect(operands.length).toBeLessThanOrEqual(most);
    expect(operands.length).toBeGreaterThanOrEqual(
      command.registeredArguments.filter(({ required }) => required).length,
    );
  });
});

/** The words that follow the program's name, up to the end of its part of the command line. */
function wordsOf(example: string): string[] {
  const [, own = ""] = /gpt-oss ?(.*?)(?:\)"?)?(?: [>|] .*)?$/.exec(example) ?? [];
  return (own.match(/"[^"]*"|[^\s"]+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

function commandFor(program: Command, words: readonly string[]): [Command, string[]] {
  const [name, ...rest] = words;
  const child = program.commands.find((command) => command.name() === name);
  return child ? commandFor(child, rest) : [program, [...words]];
}
