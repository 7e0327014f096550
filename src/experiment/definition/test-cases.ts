import { CsvError, parse as parseCsv } from "csv-parse/sync";
import { z } from "zod";
import { type GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../../i18n/error-messages.ts";
import { readUserFile } from "../../platform/user-file.ts";
import { templateName } from "../../prompts/template.ts";
import { caseSchema } from "./schema.ts";
import { type CheckDefinition } from "./check-schema.ts";
import { textAsWritten } from "./source.ts";
import { parseYaml } from "../../vendor/settings-formats.ts";

type CaseInput = z.output<typeof caseSchema>;

/** One input of an experiment. */
export interface Case {
  readonly id: string;
  /** By name, as text. */
  readonly variables: Record<string, string>;
  readonly expected: string | undefined;
  readonly history: CaseInput["history"];
  /** What the user says after the first answer, and after each that follows. */
  readonly turns: readonly { readonly user: string; readonly checks: readonly CheckDefinition[] }[];
  readonly tags: readonly string[];
  /** Of this case alone. */
  readonly checks: readonly CheckDefinition[];
  /** Where it stands: "cases.csv line 3", "cases.2". */
  readonly where: string;
}

export function completeCase(input: CaseInput, index: number, where: string): Case {
  const variables = Object.fromEntries(
    Object.entries(input.variables).map(([name, value]) => [templateName(name), String(value)]),
  );
  return {
    id: String(input.id ?? `case-${index + 1}`),
    variables,
    expected: expectedText(input.expected),
    history: input.history,
    turns: input.turns,
    checks: input.checks,
    tags: input.tags,
    where,
  };
}

function expectedText(expected: CaseInput["expected"]): string | undefined {
  if (expected === undefined) return undefined;
  return typeof expected === "object" ? JSON.stringify(expected) : String(expected);
}

function splitTags(text: string): string[] {
  return text
    .split(/[,;]/)
    .map((tag) => tag.trim())
    .filter(Boolean);
}

/**
 * Reads the cases of a .csv or .jsonl file.
 * @throws GptOssError `usage` that names file and line
 */
export function readCaseFile(path: string): readonly Case[] {
  const text = readText(path);
  const cases = /\.csv$/i.test(path) ? readCsv(text, path) : readJsonLines(text, path);
  if (cases.length === 0) throw wrong(path, undefined, errorDetail("noCase"));
  return cases;
}

/** Cases of a large experiment take more than most files that people name. */
const MAX_BYTES = 256 * 1024 * 1024;

export function readText(path: string): string {
  return readUserFile(path, { maxBytes: MAX_BYTES });
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/** The columns id, expected and tags have their own meaning. Every other column is a variable. */
function readCsv(text: string, path: string): readonly Case[] {
  let rows: readonly CsvRecord[];
  const { delimiter, content } = readDelimiter(text);
  const columns = (names: readonly string[]) => columnsOf(names, path);
  try {
    const options = { columns, delimiter, info: true, skip_empty_lines: true };
    rows = parseCsv(content, options) as unknown as readonly CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = error["lines"];
    throw wrong(path, typeof line === "number" ? line : undefined, error.message);
  }
  return rows.map(({ record, info }, index) => {
    const { id, expected, tags = "", ...variables } = record;
    const input = {
      id: id || undefined,
      expected,
      variables,
      history: [],
      turns: [],
      checks: [],
      tags: splitTags(tags),
    };
    return completeCase(input, index, `${path} line ${info.lines}`);
  });
}

const DELIMITERS = [",", ";", "\t"] as const;

/** Spreadsheets of many countries write semicolons, and some say so in a first line `sep=;`. */
function readDelimiter(text: string): { readonly delimiter: string; readonly content: string } {
  const [line = "", said] = /^sep=(.)(?=\r?\n)/i.exec(text) ?? [];
  // the empty line that remains is skipped, and keeps the others' numbers
  if (said !== undefined) return { delimiter: said, content: text.slice(line.length) };
  const head =
    text
      .replaceAll(/"(?:[^"]|"")*"/g, "")
      .trimStart()
      .split(/[\r\n]/, 1)[0] ?? "";
  const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length);
  const most = counts.indexOf(Math.max(...counts));
  return { delimiter: DELIMITERS[most] ?? ",", content: text };
}

/** Names of the columns; one without a name is left out, as spreadsheets leave such behind. */
function columnsOf(names: readonly string[], path: string): (string | false)[] {
  const clean = names.map((name) => templateName(name.trim()));
  const twice = clean.find((name, index) => name !== "" && clean.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(path, 1, errorDetail("columnTwice", twice));
  return clean.map((name) => (name === "" ? false : name));
}

/** The fields of a line that are text, whether its variables are at the top or under `variables`. */
const LINE_TEXTS = [["*"], ["variables", "*"], ["history", "*", "content"]];
const NESTED: ReadonlySet<string> = new Set(["variables", "history"]);
/** What of a line is not a variable. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["id", "expected", "history", "turns", "checks", "tags"]);

/** `{"q": "Hi", "expected": "x"}` is short for `{"variables": {"q": "Hi"}, "expected": "x"}`. */
function withVariables(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "variables" in value) return value;
  const entries = Object.entries(value);
  return {
    ...Object.fromEntries(entries.filter(([name]) => OWN_FIELDS.has(name))),
    variables: Object.fromEntries(entries.filter(([name]) => !OWN_FIELDS.has(name))),
  };
}

/** JSON.parse makes 1.1 of 1.10 and loses digits of long numbers; YAML's parser, which is slow, tells what was written. */
function readLine(content: string, path: string, line: number): unknown {
  const value = readJson(content, (what) => wrong(path, line, what));
  if (typeof value !== "object" || value === null || !hasNumber(value)) return value;
  return textAsWritten(value, parseYaml(content, { schema: "failsafe", logLevel: "silent" }), LINE_TEXTS);
}

function hasNumber(value: object): boolean {
  return Object.entries(value).some(
    ([name, item]: readonly [string, unknown]) =>
      typeof item === "number" || (NESTED.has(name) && typeof item === "object" && item !== null && hasNumber(item)),
  );
}

function readJsonLines(text: string, path: string): readonly Case[] {
  const lines = text.split("\n").map((content, index) => ({ content: content.trim(), number: index + 1 }));
  return lines
    .filter(({ content }) => content !== "")
    .map(({ content, number }, index) => {
      const input = caseSchema.safeParse(withVariables(readLine(content, path, number)));
      if (input.success) return completeCase(input.data, index, `${path} line ${number}`);
      const [issue] = input.error.issues;
      throw wrong(
        path,
        number,
        `${issue?.path.join(".") || "the case"}: ${issue?.message ?? "is not as it should be"}`,
      );
    });
}

function readJson(text: string, failure: (what: string) => GptOssError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure(messageOf(error));
  }
}

function wrong(path: string, line: number | undefined, what: LocalizedText): GptOssError {
  const detail = typeof what === "string" ? what.replace(/\.$/, "") : what;
  return createError("badCases", [path, line === undefined ? detail : errorDetail("atLine", line, detail)]);
}

/** `report --format labels` writes more beside these, for the reader. */
const labelSchema = z.object({
  /** Name of the check that is labelled. */
  check: z.string(),
  case: z.string(),
  /** The answer that was judged, word for word: a label outlives no change of it. */
  answer: z.string(),
  /** What a person says; null for one that nobody has judged yet. */
  pass: z.boolean().nullable(),
});

/** What a person says of one answer. */
export type Label = z.infer<typeof labelSchema>;

/** @throws GptOssError `usage` that names file and line */
export function readLabels(path: string): readonly Label[] {
  return readText(path)
    .split("\n")
    .flatMap((line, index) => {
      if (line.trim() === "") return [];
      const label = labelSchema.safeParse(readJson(line, (what) => wrongLabels(path, index + 1, what)));
      if (label.success) return [label.data];
      const [issue] = label.error.issues;
      throw wrongLabels(path, index + 1, `${issue?.path.join(".") || "the label"}: ${issue?.message ?? "is no label"}`);
    });
}

function wrongLabels(path: string, line: number, what: string): GptOssError {
  return createError("badLabels", [path, errorDetail("atLine", line, what.replace(/\.$/, ""))]);
}
