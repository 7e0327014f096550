import { LLAMA_CPP } from "../../setup/release.ts";
import { llamaFolders } from "../../setup/folders.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps, sourceStep } from "../../setup/server-steps.ts";
import { liveCache, liveMachine } from "./support/live-machine.ts";

/** Builds llama-server by our own pipeline if the cache has none, and fetches the source, whose templates some tests compare. */
export default async function setUpLiveTests(): Promise<void> {
  const reporter = new Reporter(process.stderr);
  const machine = liveMachine();
  const cache = liveCache();
  process.stderr.write("\n");
  // the CPU build answers the same on every machine
  await runServerSteps({ machine, cache, reporter, gpu: "cpu" });
  const folders = llamaFolders(cache, LLAMA_CPP.tag, "cpu");
  await sourceStep(folders, { reporter, machine });
}
