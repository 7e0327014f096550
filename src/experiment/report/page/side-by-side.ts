import { diffWordsWithSpace } from "diff";
import { type AnswerPair, pairAnswers } from "../../results/pair-answers.ts";
import type { CellResult, Results } from "../../results/results.ts";
import { statusOf } from "../../results/status.ts";
import type { ReportWords } from "../words/index.ts";
import { choice, element, section, tick } from "./element.ts";
import { Pager } from "./pager.ts";

// Japanese has no spaces between words
const words = new Intl.Segmenter("ja", { granularity: "word" });

/** Each answer beside its baseline's, with what changed marked. */
export function sideBySideSection(results: Results, reportWords: ReportWords): HTMLElement | undefined {
  const { page } = reportWords;
  const pairs = pairAnswers(results);
  if (pairs.length === 0) return undefined;
  const arm = choice(
    page.comparedWith,
    results.comparisons.map(
      (comparison) => [comparison.arm, page.against(comparison.arm, comparison.baseline)] as const,
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
          pair.arm === arm.select.value &&
          (!differing.input.checked || pair.differs) &&
          (!flips.input.checked || statusOf(pair.before) !== statusOf(pair.after)),
      ),
    );
  };
  for (const control of [arm.select, differing.input, flips.input]) control.addEventListener("change", update);
  update();
  const form = element(
    "form",
    { class: "filters", "aria-label": page.chooseSideBySide },
    arm.field,
    differing.field,
    flips.field,
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return section("side-by-side", page.sideBySide, form, pager.element, list);
}

function pairArticle(
  { case: input, repeat, arm, baseline, before, after }: AnswerPair,
  reportWords: ReportWords,
): HTMLElement {
  const changes = diffWordsWithSpace(before.answer?.final ?? "", after.answer?.final ?? "", { intlSegmenter: words });
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
    column(arm, after, right, reportWords),
  );
}

function column(
  arm: string,
  cell: CellResult,
  content: readonly (Node | string)[],
  { page, statuses }: ReportWords,
): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "div",
    {},
    element(
      "p",
      { class: "note" },
      `${arm}: `,
      element("span", { class: `status ${status}` }, `${statuses[status]}${score}`),
    ),
    element("pre", {}, ...(cell.answer ? content : [cell.error ?? page.notAskedYet])),
  );
}
