import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ChatOpenAI } from "@langchain/openai";
import { detectCapabilities, type ServerCapabilities } from "../../../../src/inference/capabilities.ts";
import { ChatGptOss } from "../../../../src/model/chat-gpt-oss.ts";
import { packageFile } from "../../../../src/platform/folders.ts";
import { CONTENT_TESTS } from "./content-tests.ts";
import { CONVERSATION_TESTS } from "./integration-tests.ts";
import { NotSupportedError, type StandardTest, type Subject } from "./standard-test.ts";
import { TOOL_TESTS } from "./tool-tests.ts";
import { UNIT_TESTS } from "./unit-tests.ts";

export const STANDARD_TESTS: readonly StandardTest[] = [
  ...UNIT_TESTS,
  ...CONVERSATION_TESTS,
  ...TOOL_TESTS,
  ...CONTENT_TESTS,
];

/** A server with its model, in the order of the table's columns. */
export const SERVERS = ["script, raw", "script, split", "demo, raw", "demo, split"] as const;
export type ServerName = (typeof SERVERS)[number];
export const CLASSES = ["ChatGptOss", "ChatOpenAI"] as const;
export type ClassName = (typeof CLASSES)[number];

/** Passed, failed, or not supported, as the class itself says. */
export type Mark = "✓" | "✗" | "–";

export interface ServerAddress {
  /** With its path. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** As `createChatModel` finds them out. */
  readonly capabilities: ServerCapabilities;
}

export async function addressOf(baseUrl: string, apiKey: string): Promise<ServerAddress> {
  return { baseUrl, apiKey, capabilities: await detectCapabilities({ baseUrl, apiKey }) };
}

/** A class on a server, with settings that make the demo model give its likeliest words. */
export function subjectOf(className: ClassName, server: ServerAddress, callsInParallel: boolean): Subject {
  const { baseUrl, apiKey, capabilities } = server;
  const shared = { apiKey, temperature: 0, maxTokens: 400, maxRetries: 0 };
  return {
    callsInParallel,
    create: (fields = {}) =>
      className === "ChatGptOss"
        ? new ChatGptOss({ ...shared, ...fields, apiKey, baseUrl, model: "gpt-oss-20b", server: capabilities })
        : new ChatOpenAI({ ...shared, ...fields, configuration: { baseURL: baseUrl }, model: "gpt-oss-20b" }),
  };
}

export async function markOf(test: StandardTest, subject: Subject): Promise<Mark> {
  try {
    await test.run(subject);
    return "✓";
  } catch (error) {
    return error instanceof NotSupportedError ? "–" : "✗";
  }
}

const PAGE = packageFile("docs/langchain.md");
const [START, END] = ["<!-- standard tests -->", "<!-- end of the standard tests -->"];

/** The table of docs/langchain.md: the marks of each test by column. */
type Marks = Map<string, string[]>;

const COLUMNS = SERVERS.flatMap((server) => CLASSES.map((name) => `${server}: ${name}`));

export function publishedMarks(): Marks {
  const [, table = ""] = (existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "").split(START);
  const rows = (table.split(END)[0] ?? "").split("\n").filter((line) => /^\| .* \| [✓✗–]/.test(line));
  return new Map(
    rows.map((row) => {
      const [name = "", ...marks] = row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name, marks];
    }),
  );
}

export function publishedMark(test: string, server: ServerName, className: ClassName): string | undefined {
  return publishedMarks().get(test)?.[COLUMNS.indexOf(`${server}: ${className}`)];
}

/** Writes the marks of one server into the page. Run with UPDATE_GOLDEN=1. */
export function publishMarks(server: ServerName, className: ClassName, given: ReadonlyMap<string, Mark>): void {
  const marks = publishedMarks();
  const at = COLUMNS.indexOf(`${server}: ${className}`);
  const rows = STANDARD_TESTS.map(({ name }) => {
    const cells = COLUMNS.map((_, column) => (column === at ? given.get(name) : marks.get(name)?.[column]) ?? "✗");
    return { name, cells };
  });
  const sums = COLUMNS.map((_, column) => `${rows.filter(({ cells }) => cells[column] === "✓").length}`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[], pad = " ") =>
    `| ${name.padEnd(width, pad)} | ${cells.map((cell, column) => cell.padEnd(COLUMNS[column]?.length ?? 0, pad)).join(" | ")} |`;
  const table = [
    line("test", COLUMNS),
    line(
      "",
      COLUMNS.map(() => ""),
      "-",
    ),
    ...rows.map(({ name, cells }) => line(name, cells)),
    line(`passed of ${rows.length}`, sums),
  ].join("\n");
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(START);
  writeFileSync(PAGE, `${before}${START}\n\n${table}\n\n${END}${rest.split(END)[1] ?? ""}`);
}
