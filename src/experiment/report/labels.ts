import type { Label } from "../definition/labels.ts";
import type { Results } from "../results/results.ts";

/** A line for each answer that a judge has judged, for people to fill in `pass`: the file that `labels:` names. */
export function renderLabels({ cells, checks }: Results): string {
  const judges = checks.filter(({ type }) => type === "judge").map(({ name }) => name);
  const labels = judges.flatMap((check) =>
    cells.flatMap((cell): Label[] =>
      cell.answer === undefined ? [] : [{ check, case: cell.case, answer: cell.answer.final, pass: null }],
    ),
  );
  const lines = labels.map((label) => JSON.stringify(label));
  return [...new Set(lines)].map((line) => `${line}\n`).join("");
}
