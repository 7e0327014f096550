import { diffWordsWithSpace } from "diff";
import { type AnswerPair, pairAnswers } from "../../results/pair-answers.ts";
import type { CellResult, Results } from "../../results/results.ts";
import { statusOf } from "../../results/status.ts";
import { choice, element, section, tick } from "./element.ts";
import { Pager } from "./pager.ts";

// Japanese has no spaces between words
const words = new Intl.Segmenter("ja", { granularity: "word" });

/** Each answer beside its baseline's, with what changed marked. */
export function sideBySideSection(results: Results): HTMLElement | undefined {
  const pairs = pairAnswers(results);
  if (pairs.length === 0) return undefined;
  const arm = choice(
    "Compared with the baseline",
    results.comparisons.map(
      (comparison) => [comparison.arm, `${comparison.arm} against ${comparison.baseline}`] as const,
    ),
  );
  const differing = tick("only answers that differ", true);
  const flips = tick("only outcomes that differ", false);
  const list = element("div");
  const pager = new Pager<AnswerPair>(list, "pairs", pairArticle);
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
    { class: "filters", "aria-label": "Choose what is set side by side" },
    arm.field,
    differing.field,
    flips.field,
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  return section("side-by-side", "Side by side", form, pager.element, list);
}

function pairArticle({ case: input, repeat, arm, baseline, before, after }: AnswerPair): HTMLElement {
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
    column(baseline, before, left),
    column(arm, after, right),
  );
}

function column(arm: string, cell: CellResult, content: readonly (Node | string)[]): HTMLElement {
  const status = statusOf(cell);
  const score = cell.score === null ? "" : ` ${cell.score.toFixed(2)}`;
  return element(
    "div",
    {},
    element("p", { class: "note" }, `${arm}: `, element("span", { class: `status ${status}` }, `${status}${score}`)),
    element("pre", {}, ...(cell.answer ? content : [cell.error ?? "not asked yet"])),
  );
}
