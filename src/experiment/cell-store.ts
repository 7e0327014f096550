import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { EFFORTS } from "../config/effort.ts";
import { systemCodeOf } from "../errors/errors.ts";
import { makeFolder } from "../platform/folders.ts";
import { type Answer, answerSchema } from "./answer.ts";
import { MODES } from "./plan/cell.ts";
import { alsoEarlier } from "./results/earlier-format.ts";

/**
 * Log, cache and memory of an experiment's runs: one file of JSON lines that only grows. A line is written in one piece, so
 * that a process can be killed at any time; a line that was cut all the same is stepped over.
 */
export class Store implements AsyncDisposable {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #latest = new Map<string, Row>();
  /** Lines that could not be read. */
  readonly damagedLines: number;

  /** Keys of the rows that were written since it was opened. */
  readonly #written = new Set<string>();
  readonly #fresh: boolean;

  private constructor(path: string, file: FileHandle, text: string, fresh: boolean) {
    this.path = path;
    this.#file = file;
    this.#fresh = fresh;
    this.damagedLines = readRows(text, this.#latest);
  }

  /**
   * Opens the file, which need not be there yet.
   * @param options.fresh nothing that was stored before counts as known
   */
  static async open(path: string, { fresh = false }: { readonly fresh?: boolean | undefined } = {}): Promise<Store> {
    makeFolder(dirname(path));
    const text = await readOrNothing(path);
    const file = await open(path, "a");
    // the next line must not be appended to an incomplete one
    if (text !== "" && !text.endsWith("\n")) await file.appendFile("\n");
    return new Store(path, file, text, fresh);
  }

  /** The rows of the file by their keys; none if there is no file. */
  static async read(path: string): Promise<ReadonlyMap<string, Row>> {
    const rows = new Map<string, Row>();
    readRows(await readOrNothing(path), rows);
    return rows;
  }

  /** Whether this question need not be asked. */
  isKnown(key: string): boolean {
    return this.answerTo(key) !== undefined && (!this.#fresh || this.#written.has(key));
  }

  /** Whether this question has been asked since the store was opened. */
  isWritten(key: string): boolean {
    return this.#written.has(key);
  }

  /** The answer to this question, if it has been answered. */
  answerTo(key: string): Answer | undefined {
    return answerIn(this.#latest.get(key));
  }

  rowOf(key: string): Row | undefined {
    return this.#latest.get(key);
  }

  rows(): Iterable<Row> {
    return this.#latest.values();
  }

  async append(given: Row): Promise<void> {
    const row = this.#fresh ? { ...given, fresh: true } : given;
    await this.#file.appendFile(`${JSON.stringify(row)}\n`);
    this.#written.add(row.key);
    rememberRow(row, this.#latest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

export function answerIn(row: Row | undefined): Answer | undefined {
  return row && "answer" in row.outcome ? row.outcome.answer : undefined;
}

/** Puts every row where it belongs. @returns the number of lines that could not be read */
function readRows(text: string, rows: Map<string, Row>): number {
  let damaged = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const row = readRow(line);
    if (row) rememberRow(row, rows);
    else damaged++;
  }
  return damaged;
}

/** An answer outweighs any failure; of two answers the first stays, as it has been reported, unless the second was asked for. */
function rememberRow(row: Row, rows: Map<string, Row>): void {
  const isWanted = row.fresh === true && answerIn(row) !== undefined;
  if (isWanted || answerIn(rows.get(row.key)) === undefined) rows.set(row.key, row);
}

function readRow(line: string): Row | undefined {
  try {
    return rowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // a line that was cut; the cell is asked again
    return undefined;
  }
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return "";
    throw error;
  }
}

/** One line of the store: one question, all that its answer depends on, and the answer or why there is none. */
const presentRow = z.object({
  version: z.literal(1),
  /** See keyOf. */
  key: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** cell, or judge for a question about another cell's answer. */
  kind: z.enum(["cell", "judge"]),
  variant: z.string(),
  case: z.string(),
  repeat: z.number(),
  mode: z.enum(MODES),
  /** How many the server had. */
  slots: z.number(),
  effort: z.enum(EFFORTS),
  temperature: z.number(),
  maxTokens: z.number(),
  seed: z.number(),
  model: z.object({ name: z.string(), hash: z.string() }),
  build: z.string(),
  /** Asked again on purpose: it replaces the answer that was there. */
  fresh: z.boolean().optional(),
  outcome: z.union([
    z.object({ answer: answerSchema }),
    z.object({
      error: z.object({
        code: z.string(),
        message: z.string(),
        /** Of the HTTP response; rows of earlier versions have none. */
        status: z.number().optional(),
      }),
    }),
  ]),
});

export type Row = z.infer<typeof presentRow>;

export const rowSchema = alsoEarlier(presentRow);

/** Statuses by which a server refuses a request for what is in it. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 414, 422]);

/** The same request would be refused again, so the failure belongs to the variant and not to the server or the network. */
export function isRefused({ outcome }: Row): boolean {
  if (!("error" in outcome)) return false;
  const { code, status } = outcome.error;
  return status === undefined ? code === "context-overflow" : REFUSALS.has(status);
}
