import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ReportText, textFor } from "../../i18n/catalogue.ts";
import { packageFile } from "../../platform/folders.ts";
import { escapeHtml } from "../../terminal/untrusted-text.ts";
import type { Results } from "../results/results.ts";
import { writeWhole } from "../run/run-folder.ts";
import { renderPlainPage } from "./plain-page.ts";
import { titleOf } from "./tables.ts";

/** Nothing is fetched and nothing is sent: what an answer says can't change that. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** One page with everything in it, for a browser without a network. */
export function renderHtml(results: Results, words: ReportText): string {
  const title = escapeHtml(titleOf(results, words));
  // `npm run build` bundles the page's program, with the charts, from report/page/
  const program = readFileSync(packageFile("dist/report-page/main.js"), "utf8");
  const style = readFileSync(packageFile("dist/report-page/page.css"), "utf8");
  return `<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>
${renderPlainPage(results, words)}
</noscript>
<script type="application/json" id="results">${embed(JSON.stringify(results))}</script>
<script>${program.replaceAll("</script", String.raw`<\/script`)}</script>
</body>
</html>
`;
}

/** JSON that no answer can end early: inside a script element only `<` matters. */
function embed(json: string): string {
  return json.replaceAll("<", String.raw`\u003c`);
}

/** Writes report.html into a run's folder. @returns its path */
export async function writeReport(folder: string, results: Results, language: ReportText["language"]): Promise<string> {
  const path = join(folder, "report.html");
  await writeWhole(path, renderHtml(results, textFor(language).report));
  return path;
}
