import type { CellResult, Results } from "../../results/results.ts";
import { statusOf, STATUSES } from "../../results/status.ts";
import { choice, element, labelled, section, tick } from "./element.ts";
import { Pager } from "./pager.ts";

const ANY = ["", "any"] as const;

/** Every answer with its checks, behind filters. */
export function answersSection(results: Results): HTMLElement {
  const arm = choice("Arm", [ANY, ...results.arms.map(({ id }) => [id, id] as const)]);
  const status = choice("Outcome", [ANY, ...STATUSES.map((name) => [name, name] as const)]);
  const check = choice("Fails", [ANY, ...results.checks.map(({ name }) => [name, name] as const)]);
  const flips = tick("only cases that flipped", false);
  const search = element("input", { type: "search", placeholder: "case or text" });
  const searchField = labelled("Search", search);
  const body = element("tbody");
  const pager = new Pager<CellResult>(body, "answers", answerRow);
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
    { class: "filters", "aria-label": "Filter answers" },
    arm.field,
    status.field,
    check.field,
    flips.field,
    searchField,
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  const head = ["case", "arm", "outcome", "answer"].map((title) => element("th", { scope: "col" }, title));
  const table = element(
    "table",
    { class: "answers" },
    element("caption", {}, "Answers"),
    element("thead", {}, element("tr", {}, ...head)),
    body,
  );
  return section(
    "answers",
    "Answers",
    form,
    pager.element,
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers" }, table),
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

function answerRow(cell: CellResult): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "tr",
    {},
    element("th", { scope: "row", class: "left" }, `${cell.case} #${cell.repeat}`),
    element("td", {}, cell.arm),
    element("td", { class: `status ${status}` }, `${MARKS[status]} ${status}${score}`),
    element("td", {}, ...answerParts(cell)),
  );
}

/** Beside the colour, for those who don't see it. */
const MARKS = { pass: "✓", fail: "✗", unknown: "?", error: "!", missing: "…" } as const;

function answerParts(cell: CellResult): readonly Node[] {
  const { answer, error, checks, seed } = cell;
  if (!answer) return [element("p", { class: "note" }, error ?? "not asked yet")];
  const calls = answer.toolCalls.map((call) => element("pre", {}, `${call.name}(${call.arguments})`));
  const facts = `${answer.tokens.thinking} thinking and ${answer.tokens.answer} answer tokens, ${answer.finishReason}, ${Math.round(answer.promptMs)} + ${Math.round(answer.generationMs)} ms, ${answer.tokens.cached} of ${answer.tokens.prompt} prompt tokens cached, seed ${seed}`;
  return [
    element("pre", { class: "final" }, answer.final),
    ...calls,
    element("ul", { class: "checks" }, ...checks.map(checkItem)),
    element(
      "details",
      {},
      element("summary", {}, "Thinking and numbers"),
      element("pre", {}, answer.analysis === "" ? "(no thinking)" : answer.analysis),
      ...(answer.preamble === "" ? [] : [element("pre", {}, answer.preamble)]),
      element("p", { class: "note" }, facts),
    ),
  ];
}

function checkItem({ check, pass, why }: CellResult["checks"][number]): HTMLElement {
  const status = pass === null ? "unknown" : pass ? "pass" : "fail";
  return element("li", { class: `status ${status}` }, `${MARKS[status]} ${check}: ${why}`);
}
