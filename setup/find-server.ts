import { failed } from "../src/failures/failure.ts";
import { findBuild } from "./find-build.ts";
import { llamaFolders } from "./folders.ts";
import { type Backend, BACKENDS, buildName, type Machine } from "./platform.ts";
import { LLAMA_CPP } from "./release.ts";
import { isNewEnough, readServerVersion } from "./server-version.ts";

/** A llama-server that can be used, and where it came from. */
export interface FoundServer {
  readonly path: string;
  readonly version: string;
  readonly origin: "named" | "built" | "PATH";
  /** Known for our own builds only. */
  readonly backend: Backend | undefined;
}

export interface FindServerOptions {
  readonly machine: Machine;
  readonly cache: string;
  /** A path that the user named (flag or environment); an empty one names none. */
  readonly named?: string | undefined;
  /** Only our build for this backend will do; any of ours when left out. */
  readonly backend?: Backend | undefined;
  /** Only a build that can use rpc-servers will do; otherwise one without is preferred. */
  readonly rpc?: boolean | undefined;
  /** Whether a llama-server on PATH may stand in. */
  readonly usePath: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a llama-server: the one that was named, else our own build, else one on PATH that is new enough.
 * @throws GptOssError `usage` when the one that was named can't be used
 */
export async function findServer(options: FindServerOptions): Promise<FoundServer | undefined> {
  if (options.named) return await checkNamed(options.named, options);
  return (await findBuilt(options)) ?? (options.usePath ? await findOnPath(options) : undefined);
}

async function checkNamed(path: string, { machine, signal }: FindServerOptions): Promise<FoundServer> {
  const version = await readServerVersion(path, machine.environment, signal);
  const needed = LLAMA_CPP.minimumVersion.join(".");
  if (version === undefined) {
    throw failed("noRunningServer", [path, needed]);
  }
  if (!isNewEnough(version)) {
    throw failed("oldServer", [path, version.text, needed]);
  }
  return { path, version: version.text, origin: "named", backend: undefined };
}

async function findBuilt({ cache, backend, rpc }: FindServerOptions): Promise<FoundServer | undefined> {
  const backends = backend === undefined ? BACKENDS : [backend];
  const withRpc = backends.map((candidate) => ({ backend: candidate, rpc: true }));
  const without = backends.map((candidate) => ({ backend: candidate, rpc: false }));
  for (const candidate of rpc ? withRpc : [...without, ...withRpc]) {
    const build = await findBuild(llamaFolders(cache, LLAMA_CPP.tag, buildName(candidate)));
    if (!build) continue;
    return { path: build.server, version: build.record.version, origin: "built", backend: candidate.backend };
  }
  return undefined;
}

async function findOnPath({ machine, signal }: FindServerOptions): Promise<FoundServer | undefined> {
  const path = machine.find("llama-server");
  const version = path === undefined ? undefined : await readServerVersion(path, machine.environment, signal);
  if (path === undefined || version === undefined || !isNewEnough(version)) return undefined;
  return { path, version: version.text, origin: "PATH", backend: undefined };
}
