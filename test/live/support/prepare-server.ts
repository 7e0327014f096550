import { cacheFolder, llamaFolders } from "../../../src/platform/folders.ts";
import { thisMachine } from "../../../src/platform/platform.ts";
import { LLAMA_CPP } from "../../../src/llama-server/llama-cpp-version.ts";
import { Reporter } from "../../../setup/reporter.ts";
import { runServerSteps, sourceStep } from "../../../setup/server-steps.ts";

/** Builds llama-server by our own pipeline if the cache has none, and fetches the source, whose templates some tests compare. */
export async function prepareServer(): Promise<void> {
  const { machine, cache, reporter } = place();
  // the CPU build answers the same on every machine
  await runServerSteps({ machine, cache, reporter, gpu: "cpu" });
  await sourceStep(llamaFolders(cache, LLAMA_CPP.tag, "cpu"), { reporter, machine });
}

/** The build for several machines, beside the other. */
export async function prepareRpcServer(): Promise<void> {
  await runServerSteps({ ...place(), gpu: "cpu", rpc: true });
}

function place() {
  return {
    machine: thisMachine(process.env),
    cache: cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux"),
    reporter: new Reporter(process.stderr),
  };
}
