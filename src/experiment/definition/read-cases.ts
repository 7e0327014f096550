import { readFileSync } from "node:fs";
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import type { z } from "zod";
import { type GptOssError, messageOf, systemCodeOf } from "../../errors.ts";
import { failed, type Phrase, reason } from "../../failures/failure.ts";
import { caseSchema } from "./schema.ts";

/** One input of an experiment. */
export interface Case {
  readonly id: string;
  /** By name, as text. */
  readonly variables: Record<string, string>;
  readonly expected: string | undefined;
  readonly history: readonly { readonly role: "user" | "assistant"; readonly content: string }[];
  /** Where it stands: "cases.csv line 3", "cases.2". */
  readonly where: string;
}

type CaseInput = z.output<typeof caseSchema>;

export function completeCase(input: CaseInput, index: number, where: string): Case {
  const variables = Object.fromEntries(Object.entries(input.variables).map(([name, value]) => [name, String(value)]));
  return {
    id: input.id ?? `case-${index + 1}`,
    variables,
    expected: input.expected === undefined ? undefined : String(input.expected),
    history: input.history,
    where,
  };
}

/**
 * Reads the cases of a .csv or .jsonl file.
 * @throws GptOssError `usage` that names file and line
 */
export function readCaseFile(path: string): readonly Case[] {
  const text = readText(path);
  const cases = /\.csv$/i.test(path) ? readCsv(text, path) : readJsonLines(text, path);
  if (cases.length === 0) throw wrong(path, undefined, reason("noCase"));
  return cases;
}

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    throw failed("fileUnreadable", [path, messageOf(error)], { cause: error });
  }
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/** Columns id and expected are what they say, every other one is a variable. */
function readCsv(text: string, path: string): readonly Case[] {
  let rows: readonly CsvRecord[];
  try {
    rows = parseCsv(text, { columns: true, info: true, skip_empty_lines: true }) as unknown as readonly CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line: unknown = error["lines"];
    throw wrong(path, typeof line === "number" ? line : undefined, error.message);
  }
  return rows.map(({ record, info }, index) => {
    const { id, expected, ...variables } = record;
    const input = { id: id || undefined, expected, variables, history: [] };
    return completeCase(input, index, `${path} line ${info.lines}`);
  });
}

function readJsonLines(text: string, path: string): readonly Case[] {
  const lines = text.split("\n").map((content, index) => ({ content: content.trim(), number: index + 1 }));
  return lines
    .filter(({ content }) => content !== "")
    .map(({ content, number }, index) => {
      const input = caseSchema.safeParse(readJson(content, path, number));
      if (input.success) return completeCase(input.data, index, `${path} line ${number}`);
      const [issue] = input.error.issues;
      throw wrong(
        path,
        number,
        `${issue?.path.join(".") || "the case"}: ${issue?.message ?? "is not as it should be"}`,
      );
    });
}

function readJson(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(path, line, messageOf(error));
  }
}

function wrong(path: string, line: number | undefined, what: Phrase): GptOssError {
  const detail = typeof what === "string" ? what.replace(/\.$/, "") : what;
  return failed("badCases", [path, line === undefined ? detail : reason("atLine", line, detail)]);
}
