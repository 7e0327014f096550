import { join } from "node:path";
import type { Results } from "../results/results.ts";
import { writeWhole } from "../run/run-folder.ts";
import { renderHtml } from "./html.ts";
import { type ReportWords, reportWordsIn } from "./words/index.ts";

/** Writes report.html into a run's folder. @returns its path */
export async function writeReport(
  folder: string,
  results: Results,
  language: ReportWords["language"],
): Promise<string> {
  const path = join(folder, "report.html");
  await writeWhole(path, renderHtml(results, reportWordsIn(language)));
  return path;
}
