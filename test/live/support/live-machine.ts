import { cacheFolder } from "../../../src/platform/folders.ts";
import { findServer } from "../../../src/llama-server/find-server.ts";
import { type Machine, thisMachine } from "../../../src/platform/platform.ts";

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
