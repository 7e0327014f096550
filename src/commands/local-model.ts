import { cacheFolder } from "../../setup/folders.ts";
import type { Messages } from "../chat/language/index.ts";
import type { Config } from "../config/config.ts";
import { chooseModel } from "../server/choose-model.ts";
import { ensureServer } from "./ensure-server.ts";
import type { World } from "./world.ts";

/**
 * Finds out which model will answer, and sees to it that there is a llama-server; asks nothing.
 * @param messages in whose language it is told that one is built
 * @returns the model's name; that of the settings where the server is someone else's
 * @throws GptOssError `model-missing`, or why the building failed
 */
export async function prepareModel(config: Config, world: World, messages: Messages): Promise<string | undefined> {
  if (config.baseUrl !== undefined) return config.model;
  const { environment } = world;
  const cache = cacheFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
  const { name } = await chooseModel({ wanted: config.model, cache, environment });
  await ensureServer(config, world, messages);
  return name;
}
