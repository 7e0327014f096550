import type { OfferedFlag } from "./offered.ts";
import type { SourceFile } from "./source-files.ts";

/**
 * Whether a test uses something. A test that only names it does not count: for what belongs to the command line, the test has to run the
 * program; for an export, to import it from the package's own entry and use it; a variable or a setting has to be given a value.
 */

/** Runs the program: inside this process, as its own, or in a terminal. */
const RUNS = /\b(?:runCommandLine|typeCommandLine|runCli|spawnCli)\(|new Terminal\(|dist\/src\/cli\.js/;
/** Types to it. */
const TYPES = /\btypeCommandLine\(|new Terminal\(/;

const runs = ({ text }: SourceFile) => RUNS.test(text);
const quoted = (text: string) => new RegExp(`["'\`\\s]${escaped(text)}(?=["'\`\\s=])`);

export function usesFlag({ command, flag }: OfferedFlag, test: SourceFile): boolean {
  return runs(test) && quoted(flag).test(test.text) && (command === "gpt-oss" || quoted(command).test(test.text));
}

/** At the beginning of what is typed. */
export function usesSlashCommand(name: string, { text }: SourceFile): boolean {
  return TYPES.test(text) && new RegExp(`["'\`]/${name}(?=["'\`\\s]|\\\\[rn])`).test(text);
}

/** `GPT_OSS_MODEL: "x"` of an environment, `GPT_OSS_MODEL=x` of a .env. */
export function givesVariable(name: string, { text }: SourceFile): boolean {
  return new RegExp(`(?<![\\w-])["']?${name}["']?\\]?(?::|\\s*=)(?!=)`).test(text);
}

/** `max-tokens: 5` in a test of a file of settings. */
export function givesSetting(name: string, test: SourceFile): boolean {
  const { text } = test;
  return (
    runs(test) && /config\.yaml|GPT_OSS_CONFIG/.test(text) && new RegExp(`(?<![\\w-])["']?${name}["']?: `).test(text)
  );
}

export function usesExport(name: string, { text }: SourceFile): boolean {
  const imports = /import (?:type )?\{([^}]*)\} from "[^"]*(?:src|chains)\/(?:\w+\/)?index\.ts";/g;
  const isImported = Array.from(text.matchAll(imports)).some(([, names = ""]) => word(name).test(names));
  return isImported && word(name).test(text.replaceAll(/import[^;]*;/g, ""));
}

/** Next to words that speak of how the program ended. */
export function expectsStatus(status: number, test: SourceFile): boolean {
  return (
    runs(test) && new RegExp(`(?:[Ss]tatus|[Ee]xit|SIG[A-Z]+)[^\\n]{0,80}[^\\w.-]${status}(?![\\w.])`).test(test.text)
  );
}

export function expectsCode(code: string, { text }: SourceFile): boolean {
  return new RegExp(`\\bcode: "${code}"|\\bcode\\)?\\.toBe\\("${code}"|"${code}"`).test(text);
}

function word(name: string): RegExp {
  return new RegExp(`\\b${name}\\b`);
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}-]/g, String.raw`\$&`);
}
