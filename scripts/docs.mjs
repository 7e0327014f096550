// Writes the pages and files that are generated: `npm run docs` those that need no browser, `npm run docs -- NAME…` some.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { argv, execPath } from "node:process";

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

function build() {
  run("npm", "run", "-s", "build");
}

function writeSchema() {
  const { stdout, status } = spawnSync(execPath, ["dist/src/cli.js", "experiment", "schema"], { encoding: "utf8" });
  if (status !== 0) throw new Error("gpt-oss experiment schema failed");
  writeFileSync("prompts/experiments/experiment.schema.json", stdout);
  run("prettier", "--write", "--log-level=warn", "prompts/experiments/experiment.schema.json");
}

function takeReportScreenshots() {
  const outfile = "dist/bench/screenshots.js";
  mkdirSync("dist/bench", { recursive: true });
  const options = ["--bundle", "--platform=node", "--target=node20", "--format=esm", "--packages=external"];
  run("esbuild", "test/experiment/support/screenshots.ts", ...options, `--outfile=${outfile}`, "--log-level=warning");
  run(execPath, outfile);
}

const PAGES = {
  api: () => run("typedoc"),
  "command-line": () => run(execPath, "scripts/command-line.mjs"),
  dependencies: () => run(execPath, "scripts/dependencies.mjs"),
  schema: writeSchema,
};
/** These need Chromium. */
const PICTURES = {
  "screenshots-chat": () => run(execPath, "scripts/screenshots.mjs"),
  "screenshots-report": takeReportScreenshots,
};

const all = { ...PAGES, ...PICTURES };
const names = argv.length > 2 ? argv.slice(2) : Object.keys(PAGES);
const unknown = names.find((name) => !Object.hasOwn(all, name));
if (unknown === undefined) {
  build();
  for (const name of names) all[name]();
} else {
  console.error(`Unknown page: ${unknown}. Use: ${Object.keys(all).join(", ")}.`);
  process.exitCode = 2;
}
