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
