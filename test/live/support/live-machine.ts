import { cacheFolder } from "../../../setup/folders.ts";
import { findServer } from "../../../setup/find-server.ts";
import { type Machine, thisMachine } from "../../../setup/platform.ts";

export function liveMachine(): Machine {
  return thisMachine(process.env);
}

/** The user's own cache: a llama-server that is already built is not built again for the tests. */
export function liveCache(): string {
  return cacheFolder(process.env, process.platform === "darwin" ? "darwin" : "linux");
}

/** The llama-server that global-setup.mjs has put in place. */
export async function liveServerProgram(): Promise<string> {
  const found = await findServer({ machine: liveMachine(), cache: liveCache(), backend: "cpu", usePath: false });
  if (found === undefined) throw new Error("global-setup.mjs should have built llama-server");
  return found.path;
}
