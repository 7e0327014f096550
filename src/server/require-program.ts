import { findServer, type FindServerOptions } from "../../setup/find-server.ts";
import { failed } from "../failures/failure.ts";

/**
 * Path of the llama-server to run: the one that was named, our own build, or one on PATH.
 * @throws GptOssError `server-missing` with the command that builds one
 */
export async function requireProgram(options: Omit<FindServerOptions, "usePath" | "backend">): Promise<string> {
  const found = await findServer({ ...options, usePath: true });
  if (found !== undefined) return found.path;
  throw failed(options.rpc ? "noRpcServer" : "noServer", []);
}
