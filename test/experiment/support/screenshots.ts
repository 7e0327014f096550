import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageFile } from "../../../src/platform/folders.ts";
import { runExperiment } from "../../../src/experiment/run/run-experiment.ts";
import { render } from "../../../src/experiment/report/render.ts";
import { writeWhole } from "../../../src/experiment/run/run-folder.ts";
import { openBrowser } from "./browser.ts";

/** `npm run docs -- screenshots-report`: runs a shipped experiment on the demo model and takes the pictures of docs/experiments.md. */
async function main(): Promise<void> {
  const images = packageFile("docs/images");
  const out = await mkdtemp(join(tmpdir(), "gpt-oss-screenshots-"));
  const { results, path } = await runExperiment("effort", { model: "demo", out });
  const report = join(path, "report.html");
  await writeWhole(report, render(results, "html"));
  await mkdir(images, { recursive: true });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 1250 } });
    await page.goto(pathToFileURL(report).href);
    await page.screenshot({ path: join(images, "experiment-summary.png") });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator("#side-by-side").evaluate((section) => section.scrollIntoView());
    await page.screenshot({ path: join(images, "experiment-side-by-side.png") });
  } finally {
    await browser.close();
    await rm(out, { recursive: true, force: true });
  }
}

await main();
