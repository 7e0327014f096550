import { report as english, type ReportText } from "../../../i18n/en/report.ts";
import { report as japanese } from "../../../i18n/ja/report.ts";
import type { Results } from "../../results/results.ts";
import { checkRows, variantsInOrder, shownColumns, conclusionsOf, titleOf } from "../tables.ts";
import { answersSection, sideBySideSection } from "./answers.ts";
import { chartsSection } from "./charts.ts";
import { element, section } from "./element.ts";

/** What the run came to: the sentences, the table of variants, the table of checks, and the prompts. */
export function summarySection(results: Results, words: ReportText): HTMLElement {
  const { page } = words;
  const checks = checkRows(results, words);
  const sentences = conclusionsOf(results, words).map((sentence) => element("li", {}, sentence));
  return section(
    "summary",
    page.summary,
    ...(sentences.length > 0 ? [element("ul", { class: "conclusions" }, ...sentences)] : []),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": page.tableOfVariants },
      variantTable(results, words),
    ),
    ...(checks.length > 0 ? [checkTable(checks, words)] : []),
    ...results.variants.filter(isFirstOfSubject).map((variant) => promptDetails(variant, page)),
    element("p", { class: "method" }, words.method),
  );
}

function variantTable(results: Results, words: ReportText): HTMLElement {
  const columns = shownColumns(results, words);
  const head = columns.map(({ title, align }) => element("th", { scope: "col", class: align }, title));
  const rows = variantsInOrder(results).map((variant) => {
    const [name = "", ...numbers] = columns.map(({ cell }) => cell(variant, results));
    return element(
      "tr",
      {},
      element("th", { scope: "row", class: "left" }, name),
      ...numbers.map((text, index) => element("td", { class: columns[index + 1]?.align ?? "left" }, text)),
    );
  });
  return element(
    "table",
    {},
    element("caption", {}, words.page.variantsCaption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}

function checkTable(rows: readonly (readonly string[])[], { page }: ReportText): HTMLElement {
  const [titles = [], ...lines] = rows;
  const head = titles.map((title, index) =>
    element("th", { scope: "col", class: index === 0 ? "left" : "right" }, title),
  );
  const body = lines.map(([name = "", ...scores]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "left" }, name),
      ...scores.map((score) => element("td", { class: "right" }, score)),
    ),
  );
  const table = element(
    "table",
    {},
    element("caption", {}, page.checksCaption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": page.tableOfChecks }, table);
}

function isFirstOfSubject(
  { id, name }: Results["variants"][number],
  index: number,
  variants: Results["variants"],
): boolean {
  return (
    variants.findIndex((other) => other.name === name && other.prompt.body === variants[index]?.prompt.body) ===
      index && id !== ""
  );
}

function promptDetails(
  { id, name, prompt, program }: Results["variants"][number],
  page: ReportText["page"],
): HTMLElement {
  return element(
    "details",
    {},
    element("summary", {}, page.promptOf(id.startsWith(name) ? name : id)),
    ...(prompt.notes === undefined ? [] : [element("p", {}, prompt.notes)]),
    ...(prompt.system === undefined ? [] : [element("h3", {}, page.systemMessage), element("pre", {}, prompt.system)]),
    element("h3", {}, program ? page.program : page.userMessage),
    element("pre", {}, prompt.body),
  );
}

/** The page carries its results with it; the program that wrote them has checked them. */
function readResults(): Results {
  const text = document.querySelector("#results")?.textContent;
  if (!text) throw new Error("the report holds no results");
  return JSON.parse(text) as Results;
}

function header(results: Results, words: ReportText): HTMLElement {
  const { experiment, at, cells, models, date, seed, repeats } = results;
  const facts = words.page.facts(cells.length, repeats, seed, date, at.slice(0, 16).replace("T", " "));
  const hashes = models.map(({ name, hash }) => `${name} ${hash.slice(0, 12)}`).join(", ");
  return element(
    "header",
    {},
    element("h1", {}, titleOf(results, words)),
    ...(experiment.description === undefined ? [] : [element("p", {}, experiment.description)]),
    element("p", { class: "note" }, `${facts}; ${hashes}`),
  );
}

const results = readResults();
// the program that wrote the page has chosen its language
const words = document.documentElement.lang === "ja" ? japanese : english;
const sections = [
  summarySection(results, words),
  chartsSection(results, words),
  sideBySideSection(results, words),
  answersSection(results, words),
].filter((part) => part !== undefined);
const links = sections.map((part) =>
  element("li", {}, element("a", { href: `#${part.id}` }, part.querySelector("h2")?.textContent ?? "")),
);
document.body.prepend(
  element("a", { class: "skip", href: "#main" }, words.page.skip),
  header(results, words),
  element("nav", { "aria-label": words.page.sections }, element("ul", {}, ...links)),
  element("main", { id: "main", tabindex: "-1" }, ...sections),
);
