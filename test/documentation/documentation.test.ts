import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { anchorOf, pages, readPage } from "./support/markdown.ts";

function isThere(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true; // somebody else's
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(packageFile(file))) return false;
  return anchor === undefined || readPage(file).headings.some(({ text }) => anchorOf(text) === anchor);
}

/** First cells that are nothing but a quotation of a sentence: what a person sees and looks up. */
function quotedMessages(page: string): string[] {
  const cells = readFileSync(packageFile(page), "utf8").matchAll(/^\| `([^`]+)` +\|/gm);
  return [...cells]
    .map(([, text = ""]) => text)
    .filter((text) => /^([A-Z0-9]|llama)\S* \S+ \S|\p{Script=Hiragana}/u.test(text));
}

/** A path of ours; tests may be named without the end of their names, and from test/ on. */
function isFile(path: string): boolean {
  return [path, `${path}.test.ts`, `test/${path}.test.ts`].some((candidate) => existsSync(packageFile(candidate)));
}

describe("the documentation", () => {
  it.each(pages())("has links and pictures that are there: %s", (page) => {
    expect(readPage(page).targets.filter((target) => !isThere(page, target))).toEqual([]);
  });

  it.each(pages())("names files of ours that are there: %s", (page) => {
    const text = readFileSync(packageFile(page), "utf8");
    const paths = [...text.matchAll(/`((?:src|test|setup|chains|scripts|prompts|docs)\/[\w./-]*\w)\/?`/g)];
    expect(paths.map((match) => match[1] ?? "").filter((path) => !isFile(path))).toEqual([]);
  });

  it("is checked for links that are not", () => {
    expect(isThere("README.md", "docs/nowhere.md")).toBe(false);
    expect(isThere("README.md", "docs/chat.md#nowhere")).toBe(false);
    expect(isThere("docs/README.md", "chat.md#commands")).toBe(true);
  });

  it("has an index that names every page", () => {
    const { targets } = readPage("docs/README.md");
    const names = readdirSync(packageFile("docs")).filter((name) => name.endsWith(".md") && name !== "README.md");
    expect(names.filter((name) => !targets.includes(name))).toEqual([]);
    const decisions = readdirSync(packageFile("docs/decisions")).filter((name) => /^\d/.test(name));
    expect(readPage("docs/decisions/README.md").targets).toEqual(decisions);
  });

  it.each([
    ["en", "docs/command-line.md"],
    ["ja", "docs/command-line.ja.md"],
  ])(
    "quotes the help of every command as the program prints it (npm run docs -- command-line): %s",
    (language, page) => {
      const options = { cwd: packageFile(""), encoding: "utf8" } as const;
      const printed = execFileSync(process.execPath, ["scripts/command-line.mjs", "--print", language], options);
      expect(readFileSync(packageFile(page), "utf8")).toBe(printed);
    },
    120_000,
  );

  it("has the help of the same commands in both languages", () => {
    const [english, japanese] = ["docs/command-line.md", "docs/command-line.ja.md"].map((page) => readPage(page));
    expect(japanese?.headings.slice(1)).toEqual(english?.headings.slice(1));
    expect(english?.headings.length).toBeGreaterThan(20);
  });
});

describe("the shell commands in the documentation", () => {
  const help = readPage("docs/command-line.md");
  const commandLine = new Map(help.headings.map(({ text }, index) => [text, help.code[index - 1]?.text ?? ""]));
  const scripts = (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { scripts: object }).scripts;
  const blocks = pages().flatMap((page) =>
    readPage(page)
      .code.filter(({ language }) => language === "sh")
      .map(({ text }) => [page, text] as const),
  );

  it.each(blocks)("are right for a shell: %s", (_page, text) => {
    expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  it.each(blocks)("name commands and options that there are: %s", (_page, text) => {
    expect(unknownWords(text)).toEqual([]);
  });

  it("are looked at closely enough to find a wrong one", () => {
    expect(unknownWords("npx gpt-oss setup --modle x # --not")).toEqual(["gpt-oss setup --modle"]);
    expect(unknownWords("gpt-oss sessions serch x")).toEqual(["gpt-oss sessions serch"]);
    expect(unknownWords("npm run bensh")).toEqual(["npm run bensh"]);
  });

  function unknownWords(text: string): string[] {
    const lines = text
      .replaceAll(/\\\n/g, " ")
      .replaceAll(/(^|\s)#.*$/gm, "")
      .split("\n");
    return lines.flatMap((line) => unknownInProgram(line).concat(unknownScripts(line)));
  }

  function unknownScripts(line: string): string[] {
    const names = [...line.matchAll(/npm run (?:-s )?([\w:]+)/g)].map((match) => match[1] ?? "");
    return names.filter((name) => !(name in scripts)).map((name) => `npm run ${name}`);
  }

  function unknownInProgram(line: string): string[] {
    const started = line.replace(/npm start --(?= )/, "gpt-oss chat");
    const [, call] = /(?:^|[\s($])gpt-oss ([^|>)]*)/.exec(started) ?? [];
    if (call === undefined) return [];
    // what another program gets
    const words = call
      .replace(/ -- .*/, "")
      .trim()
      .split(/\s+/);
    let command = "gpt-oss";
    while (commandLine.has(`${command} ${words[0]}`)) command = `${command} ${words.shift()}`;
    const known = commandLine.get(command) ?? "";
    const takesCommand = /^Commands:$/m.test(known) && !["gpt-oss serve"].includes(command);
    const options = words.filter((word) => word.startsWith("-")).map((word) => word.replace(/=.*/, ""));
    const unknown = options.filter((option) => !new RegExp(String.raw`(^|\s)${option}(,|\s|$)`, "m").test(known));
    if (takesCommand && words[0] !== undefined && !words[0].startsWith("-")) unknown.push(words[0]);
    return unknown.map((word) => `${command} ${word}`);
  }
});

describe("the programs in the documentation", () => {
  const programs = pages()
    .filter((page) => !page.startsWith("CHANGELOG"))
    .flatMap((page) => readPage(page).code.map(({ language }) => [page, language] as const))
    .filter(([, language]) => /^(?:[cm]?[jt]sx?|javascript|typescript)\b/.test(language));

  it("are all run or type-checked, by test/live/documentation.slow.test.ts or test/clients/langgraph.test.ts", () => {
    const unchecked = programs.filter(([page, language]) => {
      if (language === "ts external") return page !== "docs/langgraph.md";
      // test/live/experiment runs programs of experiments; README.ja.md has the programs of README.md
      if (language === "js") return page !== "docs/experiments.md";
      return language !== "ts" && language !== "ts no-run";
    });
    expect(unchecked).toEqual([]);
    expect(programs.length).toBeGreaterThan(30);
  });
});

describe("README.ja.md", () => {
  const [english, japanese] = [readPage("README.md"), readPage("README.ja.md")];

  it("has a heading for each of README.md's", () => {
    expect(japanese.headings.map(({ depth }) => depth)).toEqual(english.headings.map(({ depth }) => depth));
    expect(
      japanese.headings
        .slice(1)
        .every(({ text }) => /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text)),
    ).toBe(true);
  });

  it("has the same programs and commands, but for what is said of them", () => {
    const bare = ({ code }: typeof english) =>
      code.map(({ language, text }) => [
        language,
        language === "sh" ? text.replaceAll(/ +#.*$/gm, "") : text.replaceAll(/[^\x20-\x7E\n]+| {2,}.*$/gm, ""),
      ]);
    const [ours, theirs] = [bare(japanese), bare(english)];
    // the drawing of what it is has words in it, and the chat speaks the reader's language
    const isTheSame = (_: unknown, index: number) => !/──|^You: /m.test(english.code[index]?.text ?? "");
    expect(ours.filter(isTheSame)).toEqual(theirs.filter(isTheSame));
  });

  it("shows the chat as it speaks in Japanese", () => {
    const { you, assistant } = textFor("ja").chat;
    const shown = japanese.code.find(({ text }) => text.startsWith(you))?.text ?? "";
    expect(shown).toContain(`\n${assistant}`);
  });

  it("leads to the same pages, and shows the Japanese chat", () => {
    const other = (target: string) => target.replace(".ja.md", ".md").replace("chat-ja", "chat-en");
    expect(new Set(japanese.targets.map(other))).toEqual(new Set(english.targets.map(other)));
  });

  it("quotes the same messages and words of the program", () => {
    const quoted = (path: string) => [
      ...readFileSync(packageFile(path), "utf8")
        .replaceAll(/```[\s\S]*?```/g, "")
        .matchAll(/`([^`\n]+)`/g),
    ];
    const words = (path: string) => {
      const messages = quotedMessages(path);
      return new Set(quoted(path).flatMap(([, text = ""]) => (messages.includes(text) ? [] : [text])));
    };
    expect(words("README.ja.md")).toEqual(words("README.md"));
    expect(quotedMessages("README.ja.md")).toHaveLength(quotedMessages("README.md").length);
  });
});

describe("messages that the documentation quotes", () => {
  const sources = ["src", "setup"].flatMap((folder) =>
    readdirSync(packageFile(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(packageFile(`${folder}/${path}`), "utf8")),
  );
  const all = sources.join("\n").replaceAll(/\$\{[^}]*\}/g, "…");

  const quoted = ["docs/troubleshooting.md", "docs/setup.md"].flatMap(quotedMessages);

  it("are found", () => {
    expect(quoted.length).toBeGreaterThan(8);
  });

  it.each(quoted)("are the program's: %s", (message) => {
    for (const part of message.split(/…|\d+/)) expect(all).toContain(part.trim());
  });
});
