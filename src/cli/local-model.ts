import type { Config } from "../config/config.ts";
import { type ChatText, textFor } from "../i18n/catalogue.ts";
import { chooseModel } from "../llama-server/installed-models.ts";
import { findServer } from "../llama-server/find-server.ts";
import { cacheFolder } from "../platform/folders.ts";
import { thisMachine } from "../platform/platform.ts";
import type { CommandContext } from "./command-options.ts";

/**
 * Finds out which model will answer, and sees to it that there is a llama-server; asks nothing.
 * @param messages whose language the notice of a build uses
 * @returns the model's name; that of the settings where the server is someone else's
 * @throws GptOssError `model-missing`, or why the building failed
 */
export async function prepareModel(
  config: Config,
  world: CommandContext,
  messages: ChatText,
): Promise<string | undefined> {
  if (config.baseUrl !== undefined) return config.model;
  const { environment } = world;
  const cache = cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
  const { name } = await chooseModel({ wanted: config.model, cache, environment });
  await ensureServer(config, world, messages);
  return name;
}

/**
 * Builds llama-server if there is none; asks nothing.
 * @param messages whose language the progress of the build uses
 */
export async function ensureServer(config: Config, world: CommandContext, messages: ChatText): Promise<void> {
  const { environment, stderr, signal } = world;
  const machine = thisMachine(environment, signal);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  const rpc = config.rpc !== undefined;
  if (await findServer({ machine, cache, named: config.llamaServer, rpc, usePath: true, signal })) return;
  stderr.write(`${messages.buildingServer}\n`);
  // most chats find a server, and need nothing of the installer
  const [{ Reporter }, { runServerSteps }] = await Promise.all([
    import("../../setup/reporter.ts"),
    import("../../setup/server-steps.ts"),
  ]);
  const reporter = new Reporter(stderr, { words: textFor(messages.language).setup });
  try {
    await runServerSteps({ machine, cache, reporter, signal, gpu: "auto", rpc, gitUrl: config.gitUrl });
  } finally {
    reporter.clear();
  }
}
