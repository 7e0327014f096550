import { findServer, type FindServerOptions } from "../../setup/find-server.ts";
import { GptOssError } from "../errors.ts";

/**
 * Path of the llama-server to run: the one that was named, our own build, or one on PATH.
 * @throws GptOssError `server-missing` with the command that builds one
 */
export async function requireProgram(options: Omit<FindServerOptions, "usePath" | "backend">): Promise<string> {
  const found = await findServer({ ...options, usePath: true });
  if (found !== undefined) return found.path;
  const what = options.rpc ? "llama-server that can use rpc-servers" : "llama-server";
  throw new GptOssError("server-missing", `There is no ${what} here yet.`, {
    hint: `Build one with: npx gpt-oss setup --model demo${options.rpc ? " --with-rpc" : ""}`,
  });
}
