// Runs the static checks one after the other while the tests run. Prints the output of a check only if it fails.
// Exits with 1 if a check or a test fails. Arguments go to jest.
import { spawn } from "node:child_process";
import { runChecks } from "./check.mjs";

function runJest(args) {
  return new Promise((resolve) => {
    const child = spawn("npm", ["run", "-s", "jest", "--", ...args], { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(1));
    child.on("close", (status) => resolve(status ?? 1));
  });
}

const [failed, status] = await Promise.all([
  runChecks(),
  runJest(["--selectProjects", "unit", "live", ...process.argv.slice(2)]),
]);
for (const { name, output } of failed) console.error(`\nThe check ${name} failed:\n${output}`);
process.exitCode = failed.length > 0 || status !== 0 ? 1 : 0;
