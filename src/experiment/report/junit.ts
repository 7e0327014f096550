import type { CellResult, Results } from "../results/results.ts";
import { statusOf } from "../results/status.ts";
import { titleOf } from "./sentences.ts";
import type { ReportWords } from "./words/index.ts";

/** JUnit XML for a CI: a suite for each arm, a test for each cell, and a suite of the requirements. */
export function renderJunit(results: Results, words: ReportWords): string {
  const suites = results.arms.map(({ id }) =>
    suite(
      id,
      results.cells.filter(({ arm }) => arm === id).map((cell) => testOfCell(cell)),
    ),
  );
  const requirements = results.requirements.map(({ text, met, why }) => ({
    xml: test({ suite: "requirements", name: text, seconds: 0 }, met ? "" : failure("failure", why, why)),
    status: met ? "pass" : "fail",
  }));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escape(titleOf(results, words))}">`,
    ...suites,
    ...(requirements.length > 0 ? [suite("requirements", requirements)] : []),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Test {
  readonly xml: string;
  readonly status: string;
}

function suite(name: string, tests: readonly Test[]): string {
  const count = (...statuses: readonly string[]) => tests.filter(({ status }) => statuses.includes(status)).length;
  return [
    `  <testsuite name="${escape(name)}" tests="${tests.length}" failures="${count("fail")}" errors="${count("error")}" skipped="${count("missing", "unknown")}">`,
    ...tests.map(({ xml }) => xml),
    "  </testsuite>",
  ].join("\n");
}

function testOfCell(cell: CellResult): Test {
  const status = statusOf(cell);
  const seconds = ((cell.answer?.promptMs ?? 0) + (cell.answer?.generationMs ?? 0)) / 1000;
  return {
    status,
    xml: test({ suite: cell.arm, name: `${cell.case} #${cell.repeat}`, seconds }, bodyOf(cell, status)),
  };
}

function bodyOf(cell: CellResult, status: ReturnType<typeof statusOf>): string {
  if (status === "pass") return "";
  if (status === "error") return failure("error", cell.error ?? "", "");
  if (status !== "fail") return `<skipped message="${status === "missing" ? "not asked" : "no check could tell"}"/>`;
  const failed = cell.checks.filter(({ pass }) => pass === false).map(({ check, why }) => `${check}: ${why}`);
  return failure("failure", failed.join("; "), cell.answer?.final ?? "");
}

function test(
  { suite: name, name: title, seconds }: { suite: string; name: string; seconds: number },
  body: string,
): string {
  const attributes = `classname="${escape(name)}" name="${escape(title)}" time="${seconds.toFixed(3)}"`;
  return body === "" ? `    <testcase ${attributes}/>` : `    <testcase ${attributes}>${body}</testcase>`;
}

function failure(element: "failure" | "error", message: string, text: string): string {
  return `<${element} message="${escape(message)}">${escape(text)}</${element}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML has no way at all to write most control characters, nor half a surrogate pair. */
const UNWRITABLE = /(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\uFFFE\uFFFF]/gu;

function escape(text: string): string {
  return text.replaceAll(UNWRITABLE, "\uFFFD").replaceAll(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}
