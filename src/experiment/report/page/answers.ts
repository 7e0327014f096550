import type { CellResult, Results } from "../../results/results.ts";
import { statusOf, STATUSES } from "../../results/status.ts";
import type { ReportWords } from "../words/index.ts";
import { choice, element, labelled, section, tick } from "./element.ts";
import { Pager } from "./pager.ts";

/** Every answer with its checks, behind filters. */
export function answersSection(results: Results, words: ReportWords): HTMLElement {
  const { page, statuses } = words;
  const any = ["", page.any] as const;
  const arm = choice(page.arm, [any, ...results.arms.map(({ id }) => [id, id] as const)]);
  const status = choice(page.outcome, [any, ...STATUSES.map((name) => [name, statuses[name]] as const)]);
  const check = choice(page.fails, [any, ...results.checks.map(({ name }) => [name, name] as const)]);
  const flips = tick(page.onlyFlipped, false);
  const search = element("input", { type: "search", placeholder: page.caseOrText });
  const searchField = labelled(page.search, search);
  const body = element("tbody");
  const pager = new Pager<CellResult>(body, page.answers, (cell) => answerRow(cell, words), page);
  const flipped = new Set(results.comparisons.flatMap(({ gained, lost }) => [...gained, ...lost]));
  const update = () => {
    const text = search.value.toLowerCase();
    pager.show(
      results.cells.filter(
        (cell) =>
          (arm.select.value === "" || cell.arm === arm.select.value) &&
          (status.select.value === "" || statusOf(cell) === status.select.value) &&
          (check.select.value === "" ||
            cell.checks.some((one) => one.check === check.select.value && one.pass === false)) &&
          (!flips.input.checked || flipped.has(cell.case)) &&
          (text === "" || textOf(cell).includes(text)),
      ),
    );
  };
  for (const control of [arm.select, status.select, check.select, flips.input])
    control.addEventListener("change", update);
  search.addEventListener("input", update);
  update();
  const form = element(
    "form",
    { class: "filters", "aria-label": page.filterAnswers },
    arm.field,
    status.field,
    check.field,
    flips.field,
    searchField,
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  const head = page.head.map((title) => element("th", { scope: "col" }, title));
  const table = element(
    "table",
    { class: "answers" },
    element("caption", {}, page.answersTitle),
    element("thead", {}, element("tr", {}, ...head)),
    body,
  );
  return section(
    "answers",
    page.answersTitle,
    form,
    pager.element,
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": page.answersTitle }, table),
  );
}

/** What is searched, made once for each cell that is looked at. */
const searched = new WeakMap<CellResult, string>();

function textOf(cell: CellResult): string {
  const known = searched.get(cell);
  if (known !== undefined) return known;
  const text =
    `${cell.case}\n${cell.answer?.final ?? ""}\n${cell.answer?.analysis ?? ""}\n${cell.error ?? ""}`.toLowerCase();
  searched.set(cell, text);
  return text;
}

function answerRow(cell: CellResult, words: ReportWords): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "tr",
    {},
    element("th", { scope: "row", class: "left" }, `${cell.case} #${cell.repeat}`),
    element("td", {}, cell.arm),
    element("td", { class: `status ${status}` }, `${MARKS[status]} ${words.statuses[status]}${score}`),
    element("td", {}, ...answerParts(cell, words.page)),
  );
}

/** Beside the colour, for those who don't see it. */
const MARKS = { pass: "✓", fail: "✗", unknown: "?", error: "!", missing: "…" } as const;

function answerParts(cell: CellResult, page: ReportWords["page"]): readonly Node[] {
  const { answer, error, checks, seed } = cell;
  if (!answer) return [element("p", { class: "note" }, error ?? page.notAskedYet)];
  const calls = answer.toolCalls.map((call) => element("pre", {}, `${call.name}(${call.arguments})`));
  const facts = [
    page.tokenFacts(answer.tokens.thinking, answer.tokens.answer, answer.finishReason),
    `${Math.round(answer.promptMs)} + ${Math.round(answer.generationMs)} ms`,
    page.cacheFacts(answer.tokens.cached, answer.tokens.prompt, seed),
  ].join(", ");
  return [
    ...(error === undefined ? [] : [element("p", { class: "note" }, error)]),
    element("pre", { class: "final" }, answer.final),
    ...calls,
    element("ul", { class: "checks" }, ...checks.map(checkItem)),
    element(
      "details",
      {},
      element("summary", {}, page.details),
      element("pre", {}, answer.analysis === "" ? page.noThinking : answer.analysis),
      ...(answer.preamble === "" ? [] : [element("pre", {}, answer.preamble)]),
      element("p", { class: "note" }, facts),
    ),
  ];
}

function checkItem({ check, pass, why }: CellResult["checks"][number]): HTMLElement {
  const status = pass === null ? "unknown" : pass ? "pass" : "fail";
  return element("li", { class: `status ${status}` }, `${MARKS[status]} ${check}: ${why}`);
}
