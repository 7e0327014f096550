// Writes docs/command-line.md: what the program says of itself. `--print` writes it to standard output.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

function help(words) {
  return execFileSync(process.execPath, ["dist/src/cli.js", ...words, "--help"], { encoding: "utf8" }).trimEnd();
}

/** Names under "Commands:", but for `help` itself. */
function commandsIn(text) {
  const [, list = ""] = text.split(/^Commands:\n/m);
  const names = [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name.split("|")[0]);
  return names.filter((name) => name !== "help");
}

function sections(words) {
  const text = help(words);
  const title = `${"#".repeat(Math.min(words.length + 1, 3))} ${["gpt-oss", ...words].join(" ")}`;
  const own = `${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  return [own, ...commandsIn(text).flatMap((name) => sections([...words, name]))];
}

const [first, ...others] = sections([]);
const page = `# The command line

<!-- Written by scripts/command-line.mjs (npm run docs:command-line); a test compares it. -->

Exit status: 0 answered, 1 the model or setup failed, 2 wrong usage, 3 no server or no such model, 4 the conversation is over-long, 130 interrupted.

#${[first, ...others].join("\n")}`;

if (process.argv.includes("--print")) process.stdout.write(page);
else writeFileSync("docs/command-line.md", page);
