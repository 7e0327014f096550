import { cacheFolder } from "../../setup/folders.ts";
import { findServer } from "../../setup/find-server.ts";
import { thisMachine } from "../../setup/platform.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps } from "../../setup/server-steps.ts";
import { setupWordsIn } from "../../setup/words/index.ts";
import type { Messages } from "../chat/language/index.ts";
import type { Config } from "../config/config.ts";
import type { World } from "./world.ts";

/**
 * Builds llama-server if there is none; asks nothing.
 * @param messages in whose language the building is told
 */
export async function ensureServer(config: Config, world: World, messages: Messages): Promise<void> {
  const { environment, stderr, signal } = world;
  const machine = thisMachine(environment, signal);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const rpc = config.rpc !== undefined;
  if (await findServer({ machine, cache, named: config.llamaServer, rpc, usePath: true, signal })) return;
  stderr.write(`${messages.buildingServer}\n`);
  const reporter = new Reporter(stderr, { words: setupWordsIn(messages.language) });
  try {
    await runServerSteps({ machine, cache, reporter, signal, gpu: "auto", rpc, gitUrl: config.gitUrl });
  } finally {
    reporter.clear();
  }
}
