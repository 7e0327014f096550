import type { Results } from "../../results/results.ts";
import { armsInOrder, shownColumns } from "../columns.ts";
import { conclusionsOf, METHOD } from "../sentences.ts";
import { element, section } from "./element.ts";

/** What the run came to: the sentences, the table of arms, the table of checks, and the prompts. */
export function summarySection(results: Results): HTMLElement {
  const sentences = conclusionsOf(results).map((sentence) => element("li", {}, sentence));
  return section(
    "summary",
    "Summary",
    ...(sentences.length > 0 ? [element("ul", { class: "conclusions" }, ...sentences)] : []),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of arms" },
      armTable(results),
    ),
    ...(results.checks.length > 1 ? [checkTable(results)] : []),
    ...results.arms.filter(isFirstOfVariant).map(promptDetails),
    element("p", { class: "method" }, METHOD),
  );
}

function armTable(results: Results): HTMLElement {
  const columns = shownColumns(results);
  const head = columns.map(({ title, align }) => element("th", { scope: "col", class: align }, title));
  const rows = armsInOrder(results).map((arm) => {
    const [name = "", ...numbers] = columns.map(({ cell }) => cell(arm, results));
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
    element("caption", {}, "Arms: one variant with one setting"),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}

function checkTable({ checks, arms }: Results): HTMLElement {
  const head = [
    element("th", { scope: "col" }, "check"),
    ...arms.map(({ id }) => element("th", { scope: "col", class: "right" }, id)),
  ];
  const rows = checks.map(({ name, weight }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "left" }, weight === 0 ? `${name} (shown only)` : name),
      ...arms.map((arm) => element("td", { class: "right" }, arm.checks[name]?.toFixed(2) ?? "—")),
    ),
  );
  const table = element(
    "table",
    {},
    element("caption", {}, "Mean score of each check"),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of checks" }, table);
}

function isFirstOfVariant({ id, variant }: Results["arms"][number], index: number, arms: Results["arms"]): boolean {
  return (
    arms.findIndex((other) => other.variant === variant && other.prompt.body === arms[index]?.prompt.body) === index &&
    id !== ""
  );
}

function promptDetails({ id, variant, prompt }: Results["arms"][number]): HTMLElement {
  return element(
    "details",
    {},
    element("summary", {}, `Prompt of ${id.startsWith(variant) ? variant : id}`),
    ...(prompt.notes === undefined ? [] : [element("p", {}, prompt.notes)]),
    ...(prompt.system === undefined ? [] : [element("h3", {}, "System message"), element("pre", {}, prompt.system)]),
    element("h3", {}, "User message"),
    element("pre", {}, prompt.body),
  );
}
