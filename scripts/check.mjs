// Runs the static checks: `npm run check` all of them, `npm run check -- types lint` some. `--fix` formats the files first.
// Exits with 1 if a check fails.
import { spawn } from "node:child_process";
import { argv, execPath } from "node:process";

/** The command lines of each check, which run one after the other. */
const CHECKS = {
  types: [
    ["tsc", "--noEmit"],
    ["tsc", "--noEmit", "-p", "src/experiment/report/page"],
  ],
  lint: [["oxlint", "--type-aware"]],
  unused: [["knip"]],
  format: [["prettier", "--check", "--cache", "."]],
};
/** It writes a module that the others read. */
const PREPARE = [execPath, "scripts/prompts.mjs"];

/** Runs a program of the package. Returns its exit status and what it printed. */
function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Runs checks by name. Returns those that failed, with their output. */
export async function runChecks(names = Object.keys(CHECKS)) {
  const failed = [];
  await run(PREPARE);
  for (const name of names) {
    for (const command of CHECKS[name]) {
      const { status, output } = await run(command);
      if (status !== 0) failed.push({ name, output });
    }
  }
  return failed;
}

async function main(words) {
  const names = words.filter((word) => word !== "--fix");
  const unknown = names.find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    console.error(`Unknown check: ${unknown}. Use: ${Object.keys(CHECKS).join(", ")}.`);
    return 2;
  }
  if (words.includes("--fix")) await run(["prettier", "--write", "--log-level=warn", "."]);
  const failed = await runChecks(names.length === 0 ? undefined : names);
  for (const { name, output } of failed) console.error(`The check ${name} failed:\n${output}`);
  return failed.length > 0 ? 1 : 0;
}

if (argv[1] === import.meta.filename) process.exitCode = await main(argv.slice(2));
