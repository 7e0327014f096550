import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { GptOssError, systemCodeOf } from "../../errors/errors.ts";
import { errorDetail, type LocalizedText } from "../../i18n/error-messages.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { type Case, readText } from "./test-cases.ts";

const FILE = "file://";

export interface FileVariablesOptions {
  /** Where relative paths begin. */
  readonly folder: string;
  /** Of every case that has no value of its own. */
  readonly shared: Readonly<Record<string, string>>;
  readonly wrong: (input: Case, index: number, what: LocalizedText) => GptOssError;
}

/**
 * Fills in the shared variables, and puts the text of a file in the place of `file://PATH`. Where the name of a file has a `*`, there is a case
 * for each file that fits, `ID NAME`.
 * @throws GptOssError `usage` for a file that can't be read
 */
export function withFileVariables(cases: readonly Case[], options: FileVariablesOptions): readonly Case[] {
  return cases.flatMap((input, index) => {
    const variables = { ...options.shared, ...input.variables };
    const fail = (what: LocalizedText) => options.wrong(input, index, what);
    const many = Object.entries(variables).find(([, value]) => isFile(value) && basename(value).includes("*"));
    const whole = { ...input, variables };
    const all = many
      ? filesLike(many[1], options.folder, fail).map((path) => caseOfFile(whole, many[0], path))
      : [whole];
    return all.map((one) => withTexts(one, options.folder, fail));
  });
}

function caseOfFile(input: Case, name: string, path: string): Case {
  return { ...input, id: `${input.id} ${basename(path)}`, variables: { ...input.variables, [name]: FILE + path } };
}

function isFile(value: string): boolean {
  return value.startsWith(FILE);
}

type Fail = (what: LocalizedText) => GptOssError;

function withTexts(input: Case, folder: string, fail: Fail): Case {
  const read = (value: string) => (isFile(value) ? readFile(value.slice(FILE.length), folder, fail) : value);
  const variables = Object.entries(input.variables).map(([name, value]) => [name, read(value)]);
  return {
    ...input,
    variables: Object.fromEntries(variables) as Case["variables"],
    expected: input.expected === undefined ? undefined : read(input.expected),
  };
}

function readFile(path: string, folder: string, fail: Fail): string {
  try {
    return readText(resolveUserPath(path, folder)).trimEnd();
  } catch (error) {
    if (!GptOssError.isInstance(error)) throw error;
    throw fail(error.message);
  }
}

function filesLike(value: string, folder: string, fail: Fail): readonly string[] {
  const pattern = resolveUserPath(value.slice(FILE.length), folder);
  const parts = basename(pattern)
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  const fits = new RegExp(`^${parts.join(".*")}$`, "su");
  let names: readonly string[];
  try {
    names = readdirSync(dirname(pattern));
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    names = [];
  }
  const found = names.filter((name) => fits.test(name)).toSorted();
  if (found.length === 0) throw fail(errorDetail("noFile", pattern));
  return found.map((name) => join(dirname(pattern), name));
}
