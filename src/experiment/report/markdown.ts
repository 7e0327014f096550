import type { Results } from "../results/results.ts";
import { armsInOrder, shownColumns } from "./columns.ts";
import { conclusionsOf, titleOf } from "./sentences.ts";
import type { ReportWords } from "./words/index.ts";

/** The summary as Markdown, for a pull request or a notebook. */
export function renderMarkdown(results: Results, words: ReportWords): string {
  const columns = shownColumns(results, words);
  const flips = results.comparisons.filter(({ gained, lost }) => gained.length + lost.length > 0);
  return [
    `# ${escape(titleOf(results, words))}`,
    "",
    ...(results.experiment.description === undefined ? [] : [escape(results.experiment.description), ""]),
    row(columns.map(({ title }) => title)),
    row(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...armsInOrder(results).map((arm) => row(columns.map(({ cell }) => escape(cell(arm, results))))),
    "",
    ...conclusionsOf(results, words).map((sentence) => `- ${escape(sentence)}`),
    ...flips.flatMap(({ arm, baseline, gained, lost }) => [
      "",
      words.flipsOf(
        escape(arm),
        escape(baseline),
        [...gained.map((id) => `+${escape(id)}`), ...lost.map((id) => `−${escape(id)}`)].join(", "),
      ),
    ]),
    "",
    words.method,
    "",
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Names and sentences come from a definition, which must not write markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`).replaceAll("\n", " ");
}
