// Writes docs/command-line.md and docs/command-line.ja.md: what the program says of itself. `--print LANGUAGE` writes one to standard
// output.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const COMMENT = "<!-- Written by scripts/command-line.mjs (npm run docs -- command-line); a test compares it. -->";

const PAGES = {
  en: {
    path: "docs/command-line.md",
    commands: "Commands:",
    title: "The command line",
    status:
      "Exit status: 0 answered, 1 the model or setup failed, 2 wrong usage, 3 no server, no such model or no such client, 4 the conversation is over-long, 130 interrupted.",
  },
  ja: {
    path: "docs/command-line.ja.md",
    commands: "コマンド:",
    title: "コマンドライン",
    status:
      "終了コード: 0 回答した、1 モデルまたはセットアップが失敗した、2 使い方の誤り、3 サーバー、モデルまたはクライアントがない、4 会話が長すぎる、130 中断した。",
  },
};

function help(words, language) {
  const env = { ...process.env, GPT_OSS_LANG: language };
  return execFileSync(process.execPath, ["dist/src/cli.js", ...words, "--help"], { encoding: "utf8", env }).trimEnd();
}

/** Names under "Commands:", but for `help` itself. */
function commandsIn(text, heading) {
  const [, list = ""] = text.split(new RegExp(`^${heading}\n`, "m"));
  const names = [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name.split("|")[0]);
  return names.filter((name) => name !== "help");
}

function sections(words, language) {
  const text = help(words, language);
  const title = `${"#".repeat(Math.min(words.length + 1, 3))} ${["gpt-oss", ...words].join(" ")}`;
  const own = `${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  const names = commandsIn(text, PAGES[language].commands);
  return [own, ...names.flatMap((name) => sections([...words, name], language))];
}

function pageIn(language) {
  const { title, status } = PAGES[language];
  const [first, ...others] = sections([], language);
  return `# ${title}\n\n${COMMENT}\n\n${status}\n\n#${[first, ...others].join("\n")}`;
}

const [flag, language] = process.argv.slice(2);
if (flag === "--print") process.stdout.write(pageIn(language));
else for (const name of Object.keys(PAGES)) writeFileSync(PAGES[name].path, pageIn(name));
