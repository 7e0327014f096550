import { diffWordsWithSpace } from "diff";
import type { ReportText } from "../../../i18n/catalogue.ts";
import {
  ENDINGS,
  isTruncated,
  isUnanswered,
  MARKS,
  statusOf,
  statusOfCheck,
  STATUSES,
  type AnswerPair,
  pairAnswers,
} from "../../results/answer-pairs.ts";
import type { CellResult, Results } from "../../results/results.ts";
import { describeReason } from "../../checks/check-reason.ts";
import { choice, element, labelled, section, tick } from "./element.ts";

/** Every answer with its checks, behind filters. */
export function answersSection(results: Results, words: ReportText): HTMLElement {
  const { page, statuses } = words;
  const any = ["", page.any] as const;
  const variant = choice(page.variant, [any, ...results.variants.map(({ id }) => [id, id] as const)]);
  const status = choice(page.outcome, [
    any,
    ...STATUSES.map((name) => [name, statuses[name]] as const),
    ...ENDINGS.map((name) => [name, page.endings[name]] as const),
  ]);
  const check = choice(page.fails, [any, ...results.checks.map(({ name }) => [name, name] as const)]);
  const change = choice(page.change, [any, ...CHANGES.map((name) => [name, page.changes[name]] as const)]);
  const search = element("input", { type: "search", placeholder: page.caseOrText });
  const searchField = labelled(page.search, search);
  const body = element("tbody");
  const questionOf = questionFinder(results);
  const pager = new Pager<CellResult>(body, page.answers, (cell) => answerRow(cell, questionOf(cell), words), page);
  const hasChanged = changeFinder(results);
  const update = () => {
    const text = search.value.toLowerCase();
    pager.show(
      results.cells.filter(
        (cell) =>
          (variant.select.value === "" || cell.variant === variant.select.value) &&
          endedAs(cell, status.select.value) &&
          (check.select.value === "" ||
            cell.checks.some((one) => one.check === check.select.value && one.pass === false)) &&
          hasChanged(cell, change.select.value) &&
          (text === "" || textOf(cell).includes(text)),
      ),
    );
  };
  for (const control of [variant.select, status.select, check.select, change.select])
    control.addEventListener("change", update);
  search.addEventListener("input", update);
  update();
  const form = element(
    "form",
    { class: "filters", "aria-label": page.filterAnswers },
    variant.field,
    status.field,
    check.field,
    change.field,
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

/** Whether a cell ended as the chosen filter says; "" is any. */
function endedAs(cell: CellResult, chosen: string): boolean {
  if (chosen === "truncated") return isTruncated(cell);
  if (chosen === "unanswered") return isUnanswered(cell);
  return chosen === "" || statusOf(cell) === chosen;
}

const CHANGES = ["either", "improved", "regressed"] as const;

function placeOf(variant: string, id: string): string {
  return JSON.stringify([variant, id]);
}

/** Finds the cells of cases that changed: those of the variant, and those of the baseline that it is compared with. */
function changeFinder({ comparisons }: Results): (cell: CellResult, chosen: string) => boolean {
  const placesIn = (list: "gained" | "lost") =>
    new Set(
      comparisons.flatMap((comparison) =>
        comparison[list].flatMap((id) => [placeOf(comparison.variant, id), placeOf(comparison.baseline, id)]),
      ),
    );
  const [improved, regressed] = [placesIn("gained"), placesIn("lost")];
  return (cell, chosen) => {
    if (chosen === "") return true;
    const place = placeOf(cell.variant, cell.case);
    return (chosen !== "regressed" && improved.has(place)) || (chosen !== "improved" && regressed.has(place));
  };
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

/** What a cell asked: the case's input, what it expects, and the text that the model read. */
interface CellQuestion {
  readonly input: Results["cases"][number] | undefined;
  readonly prompt: string | undefined;
}

function questionFinder({ cases, prompts }: Results): (cell: CellResult) => CellQuestion {
  const inputs = new Map(cases.map((input) => [input.id, input]));
  return (cell) => ({
    input: inputs.get(cell.case),
    prompt: cell.prompt === undefined ? undefined : prompts?.[cell.prompt],
  });
}

function answerRow(cell: CellResult, question: CellQuestion, words: ReportText): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "tr",
    {},
    element("th", { scope: "row", class: "left" }, `${cell.case} #${cell.repeat}`),
    element("td", {}, cell.variant),
    element("td", { class: `status ${status}` }, `${MARKS[status]} ${words.statuses[status]}${score}`),
    element("td", {}, ...answerParts(cell, words), questionDetails(question, words.page)),
  );
}

function answerParts(cell: CellResult, words: ReportText): readonly Node[] {
  const { page } = words;
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
    element("ul", { class: "checks" }, ...checks.map((score) => checkItem(score, words))),
    element(
      "details",
      {},
      element("summary", {}, page.details),
      element("pre", {}, answer.analysis === "" ? page.noThinking : answer.analysis),
      ...(answer.preamble === "" ? [] : [element("pre", {}, answer.preamble)]),
      element("p", { class: "note" }, facts),
    ),
    ...trajectoryParts(answer, page),
  ];
}

/** Each call of the model in a program, with its tool calls and what they returned. */
function trajectoryParts({ steps = [] }: NonNullable<CellResult["answer"]>, page: ReportText["page"]): readonly Node[] {
  if (steps.length === 0) return [];
  const items = steps.map(({ analysis, preamble, final, toolCalls }) =>
    element(
      "li",
      {},
      ...[analysis, preamble, final].filter(Boolean).map((text) => element("pre", {}, text)),
      ...toolCalls.map(({ name, arguments: written, result }) =>
        element("pre", {}, `${name}(${written})${result === undefined ? "" : ` → ${result}`}`),
      ),
    ),
  );
  return [element("details", {}, element("summary", {}, page.trajectory(steps.length)), element("ol", {}, ...items))];
}

function questionDetails({ input, prompt }: CellQuestion, page: ReportText["page"]): HTMLElement {
  const values = Object.entries(input?.variables ?? {}).flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, element("pre", {}, value)),
  ]);
  const expected = input?.expected;
  return element(
    "details",
    { class: "question" },
    element("summary", {}, page.inputAndPrompt),
    element("dl", {}, ...values),
    ...(input?.turns ?? []).map((turn) => element("pre", {}, turn)),
    ...(expected === undefined ? [] : [element("h3", {}, page.expected), element("pre", {}, expected)]),
    ...(prompt === undefined ? [] : [element("h3", {}, page.renderedPrompt), element("pre", {}, prompt)]),
  );
}

function checkItem(score: CellResult["checks"][number], { reasons }: ReportText): HTMLElement {
  const { check } = score;
  const status = statusOfCheck(score);
  return element("li", { class: `status ${status}` }, `${MARKS[status]} ${check}: ${describeReason(score, reasons)}`);
}

// Japanese has no spaces between words
const WORDS = new Intl.Segmenter("ja", { granularity: "word" });

/** Each answer beside its baseline's, with what changed marked. */
export function sideBySideSection(results: Results, reportWords: ReportText): HTMLElement | undefined {
  const { page } = reportWords;
  const pairs = pairAnswers(results);
  if (pairs.length === 0) return undefined;
  const variant = choice(
    page.comparedWith,
    results.comparisons.map(
      (comparison) => [comparison.variant, page.against(comparison.variant, comparison.baseline)] as const,
    ),
  );
  const differing = tick(page.onlyDiffering, true);
  const flips = tick(page.onlyFlips, false);
  const list = element("div");
  const pager = new Pager<AnswerPair>(list, page.pairs, (pair) => pairArticle(pair, reportWords), page);
  const update = () => {
    pager.show(
      pairs.filter(
        (pair) =>
          pair.variant === variant.select.value &&
          (!differing.input.checked || pair.differs) &&
          (!flips.input.checked || statusOf(pair.before) !== statusOf(pair.after)),
      ),
    );
  };
  for (const control of [variant.select, differing.input, flips.input]) control.addEventListener("change", update);
  update();
  const form = element(
    "form",
    { class: "filters", "aria-label": page.chooseSideBySide },
    variant.field,
    differing.field,
    flips.field,
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return section("side-by-side", page.sideBySide, form, pager.element, list);
}

function pairArticle(
  { case: input, repeat, variant, baseline, before, after }: AnswerPair,
  reportWords: ReportText,
): HTMLElement {
  const changes = diffWordsWithSpace(before.answer?.final ?? "", after.answer?.final ?? "", { intlSegmenter: WORDS });
  const left = changes
    .filter(({ added }) => !added)
    .map(({ value, removed }) => (removed ? element("del", {}, value) : value));
  const right = changes
    .filter(({ removed }) => !removed)
    .map(({ value, added }) => (added ? element("ins", {}, value) : value));
  return element(
    "article",
    { class: "pair" },
    element("h3", {}, `${input} #${repeat}`),
    column(baseline, before, left, reportWords),
    column(variant, after, right, reportWords),
  );
}

function column(
  variant: string,
  cell: CellResult,
  content: readonly (Node | string)[],
  { page, statuses }: ReportText,
): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "div",
    {},
    element(
      "p",
      { class: "note" },
      `${variant}: `,
      element("span", { class: `status ${status}` }, `${statuses[status]}${score}`),
    ),
    element("pre", {}, ...(cell.answer ? content : [cell.error ?? page.notAskedYet])),
  );
}

const PAGE = 50;

/** Shows a long list a page at a time: a page of thousands of answers would be slow, and unreadable. */
export class Pager<Item> {
  readonly element = element("div", { class: "pager" });
  readonly #status = element("p", { role: "status", "aria-live": "polite" });
  readonly #list: HTMLElement;
  readonly #back = element("button", { type: "button" });
  readonly #forward = element("button", { type: "button" });
  readonly #render: (item: Item) => Node;
  readonly #noun: string;
  readonly #words: ReportText["page"];
  #items: readonly Item[] = [];
  #page = 0;

  /** @param list where the items go: a tbody or a div */
  constructor(list: HTMLElement, noun: string, render: (item: Item) => Node, words: ReportText["page"]) {
    this.#list = list;
    this.#noun = noun;
    this.#words = words;
    this.#back.append(words.previous);
    this.#forward.append(words.next);
    this.#render = render;
    this.#back.addEventListener("click", () => this.#turn(-1));
    this.#forward.addEventListener("click", () => this.#turn(1));
    this.element.append(this.#back, this.#status, this.#forward);
  }

  show(items: readonly Item[]): void {
    this.#items = items;
    this.#page = 0;
    this.#draw();
  }

  #turn(pages: number): void {
    this.#page += pages;
    this.#draw();
  }

  #draw(): void {
    const begin = this.#page * PAGE;
    const shown = this.#items.slice(begin, begin + PAGE);
    this.#list.replaceChildren(...shown.map(this.#render));
    this.#status.textContent =
      shown.length === 0
        ? this.#words.noneFit(this.#noun)
        : this.#words.shown(begin + 1, begin + shown.length, this.#items.length, this.#noun);
    this.#back.disabled = begin === 0;
    this.#forward.disabled = begin + PAGE >= this.#items.length;
  }
}
