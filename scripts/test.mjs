// Runs the static checks one after the other while the tests run. Prints the output of a check only if it fails.
// Exits with 1 if a check or a test fails. Arguments go to jest.
import { spawn } from "node:child_process";

const CHECKS = ["check:types", "check:lint", "check:unused", "check:format"];

/** Runs an npm script. Returns its exit status and, unless it writes to the terminal itself, its output. */
function runScript(name, { args = [], stdio = "pipe" } = {}) {
  return new Promise((resolve) => {
    const child = spawn("npm", ["run", "-s", name, ...(args.length > 0 ? ["--", ...args] : [])], {
      stdio: ["ignore", stdio, stdio],
    });
    let output = "";
    child.stdout?.on("data", (text) => (output += text));
    child.stderr?.on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ status: 1, output: String(error) }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

async function runChecks() {
  const failed = [];
  for (const name of CHECKS) {
    const { status, output } = await runScript(name);
    if (status !== 0) failed.push({ name, output });
  }
  return failed;
}

const [failed, tests] = await Promise.all([
  runChecks(),
  runScript("jest", { args: ["--selectProjects", "unit", "live", ...process.argv.slice(2)], stdio: "inherit" }),
]);
for (const { name, output } of failed) console.error(`\nnpm run ${name} failed:\n${output}`);
process.exitCode = failed.length > 0 || tests.status !== 0 ? 1 : 0;
