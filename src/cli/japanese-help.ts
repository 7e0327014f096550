import type { Argument, HelpConfiguration, Option } from "commander";
import { help as texts } from "../i18n/ja/help.ts";
import { LineWrapper } from "../terminal/line-wrapper.ts";
import { padTo, widthOf } from "../terminal/text-width.ts";
import type { HelpLanguage } from "./command-options.ts";

const TITLES: Readonly<Record<string, string>> = {
  "Usage:": "使い方:",
  "Arguments:": "引数:",
  "Options:": "オプション:",
  "Commands:": "コマンド:",
};

/** Columns; a description that would be narrower stands below what it describes. */
const NARROWEST = 28;
const MARGIN_BELOW = 6;

/** Columns; a last line shorter than this looks lost, and those before it are made narrower by up to as many to help it. */
const LAST_LINE = 6;

/** A text in lines of so many columns, which begin with no mark that may not stand there. */
function wrapped(text: string, columns: number): string {
  for (let less = 0; less < LAST_LINE; less++) {
    const lines = broken(text, columns - less);
    if (!endsLost(lines)) return lines;
  }
  return broken(text, columns);
}

function endsLost(lines: string): boolean {
  const at = lines.lastIndexOf("\n");
  return at >= 0 && widthOf(lines.slice(at + 1)) < LAST_LINE;
}

function broken(text: string, columns: number): string {
  let lines = "";
  const write = (part: string) => {
    lines += part;
  };
  const wrapper = new LineWrapper({ write, columns: () => columns });
  wrapper.write(text);
  wrapper.flush();
  return lines;
}

/** The same for what is typed: broken at spaces alone. */
function wrappedAtSpaces(text: string, columns: number): string {
  const [first = "", ...others] = text.split(" ");
  let column = widthOf(first);
  return others.reduce((lines, word) => {
    const fits = column + 1 + widthOf(word) <= columns;
    column = (fits ? column + 1 : 0) + widthOf(word);
    return `${lines}${fits ? " " : "\n"}${word}`;
  }, first);
}

function indented(lines: string, columns: number): string {
  return lines.replaceAll("\n", `\n${" ".repeat(columns)}`);
}

/** Commander's words for parts of the usage. */
function usageIn(text: string): string {
  return text.replace("[options]", "[オプション]").replace("[command]", "[コマンド]");
}

function quoted(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

function described({ description, argChoices, defaultValue }: Argument | Option, variable?: string): string {
  const notes = [
    ...(argChoices ? [`(指定できる値: ${quoted(argChoices)})`] : []),
    ...(typeof defaultValue === "string" ? [`(既定値: ${JSON.stringify(defaultValue)})`] : []),
    ...(variable === undefined ? [] : [`(環境変数: ${variable})`]),
  ];
  return [description, ...notes].filter(Boolean).join(" ");
}

/** Commander's layout of a command's help in Japanese: counted in columns of the terminal, and broken between characters. */
export const layout: HelpConfiguration = {
  displayWidth: widthOf,
  boxWrap: wrapped,
  styleTitle: (title) => TITLES[title] ?? title,
  styleSubcommandTerm: usageIn,
  styleUsage(usage) {
    const margin = widthOf("使い方: ");
    return indented(wrappedAtSpaces(usageIn(usage), (this.helpWidth ?? 80) - margin), margin);
  },
  optionDescription: (option) => described(option, option.envVar),
  argumentDescription: (argument) => described(argument),
  formatItem: (term, termWidth, description, { helpWidth = 80 }) => {
    if (description === "") return `  ${term}`;
    const before = `  ${padTo(term, termWidth)}  `;
    const isBeside = helpWidth - widthOf(before) >= NARROWEST;
    const margin = isBeside ? widthOf(before) : MARGIN_BELOW;
    const lines = indented(wrapped(description, helpWidth - margin), margin);
    return isBeside ? before + lines : `  ${term}\n${" ".repeat(MARGIN_BELOW)}${lines}`;
  },
};

/** Makes a sentence of what a pattern has caught; what is optional may not be there. */
type Sentence = (...caught: readonly (string | undefined)[]) => string;

/** What commander 14 says whole, and how it is said in Japanese. */
const SENTENCES: readonly (readonly [RegExp, Sentence])[] = [
  [
    /^unknown command '(.*?)'(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/s,
    (name, similar) => `${name} というコマンドはありません。${suggestion(similar)}`,
  ],
  [
    /^unknown option '(.*?)'(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/s,
    (name, similar) => `${name} というオプションはありません。${suggestion(similar)}`,
  ],
  [
    /^option '(.*?)' argument '(.*)' is invalid\. (.*)$/s,
    (flags, value, reason) => `${nameIn(flags)} に ${JSON.stringify(value)} は指定できません。${why(reason)}`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s,
    (value, name, reason) => `引数 ${name} に ${JSON.stringify(value)} は指定できません。${why(reason)}`,
  ],
  [
    /^option '(.*)' argument missing$/s,
    (flags) => `${nameIn(flags)} の値がありません。${flags} の形で指定してください。`,
  ],
  [/^missing required argument '(.*)'$/s, (name) => `引数 <${name}> を指定してください。`],
  [
    /^too many arguments(?: for '(.*)')?\. Expected (\d+) arguments? but got (\d+)\.$/s,
    (command = "gpt-oss", expected, given) =>
      expected === "0"
        ? `${command} は引数を取りませんが、${given} 個指定されています。`
        : `${command} の引数は ${expected} 個ですが、${given} 個指定されています。`,
  ],
];

function suggestion(similar: string | undefined): string {
  return similar === undefined ? "" : `\n(${similar} のことですか？)`;
}

/** `--follow` of `-f, --follow <lines>`. */
function nameIn(flags = ""): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** Commander's reason; one of ours is Japanese already. */
function why(reason = ""): string {
  return reason.replace(/^Allowed choices are (.*)\.$/s, "指定できるもの: $1");
}

/** A complaint of commander's in Japanese; in its own English where it is a new one. */
export function usageError(message: string): string {
  const said = message.trimEnd().replace(/^error: /, "");
  for (const [pattern, sentence] of SENTENCES) {
    const caught = pattern.exec(said);
    if (caught) return `${sentence(...caught.slice(1))}\n`;
  }
  return message;
}

export const JAPANESE: HelpLanguage = { texts, layout, usageError };
