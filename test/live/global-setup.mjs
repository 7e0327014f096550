// Jest loads this file outside of its own transform, so it uses what the build made of setup/.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, llamaFolders } from "../../dist/setup/folders.js";
import { thisMachine } from "../../dist/setup/platform.js";
import { LLAMA_CPP } from "../../dist/setup/release.js";
import { Reporter } from "../../dist/setup/reporter.js";
import { runServerSteps, sourceStep } from "../../dist/setup/server-steps.js";

/** Builds llama-server by our own pipeline if the cache has none, and fetches the source, whose templates some tests compare. */
export default async function setUpLiveTests() {
  const reporter = new Reporter(process.stderr);
  const machine = thisMachine(process.env);
  const cache = cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux");
  process.stderr.write("\n");
  // servers of the tests are no servers of the user's, and go soon after the test that started them
  process.env.GPT_OSS_RUNTIME = mkdtempSync(join(tmpdir(), "gpt-oss-run-"));
  process.env.GPT_OSS_IDLE_SECONDS = "0.5";
  // the CPU build answers the same on every machine
  await runServerSteps({ machine, cache, reporter, gpu: "cpu" });
  await sourceStep(llamaFolders(cache, LLAMA_CPP.tag, "cpu"), { reporter, machine });
}
