import type { Results } from "../../results/results.ts";
import { titleOf } from "../sentences.ts";
import { type ReportWords, reportWordsIn } from "../words/index.ts";
import { answersSection } from "./answers.ts";
import { chartsSection } from "./charts.ts";
import { element } from "./element.ts";
import { sideBySideSection } from "./side-by-side.ts";
import { summarySection } from "./summary.ts";

/** The page carries its results with it; the program that wrote them has checked them. */
function readResults(): Results {
  const text = document.querySelector("#results")?.textContent;
  if (!text) throw new Error("the report holds no results");
  return JSON.parse(text) as Results;
}

function header(results: Results, words: ReportWords): HTMLElement {
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
const words = reportWordsIn(document.documentElement.lang === "ja" ? "ja" : "en");
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
