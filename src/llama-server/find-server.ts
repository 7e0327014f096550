import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { llamaFolders, type LlamaFolders } from "../platform/folders.ts";
import { type Backend, BACKENDS, buildName, type Machine } from "../platform/platform.ts";
import { LLAMA_CPP, isNewEnough, readServerVersion } from "./llama-cpp-version.ts";

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
    throw createError("noRunningServer", [path, needed]);
  }
  if (!isNewEnough(version)) {
    throw createError("oldServer", [path, version.text, needed]);
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

/** What is known of a finished build; it stands beside the server as build.json. */
const buildRecordSchema = z.object({
  tag: z.string(),
  tree: z.string(),
  backend: z.enum(["metal", "cuda", "vulkan", "cpu"]),
  rpc: z.boolean().optional(),
  version: z.string(),
  builtAt: z.string(),
});
export type BuildRecord = z.infer<typeof buildRecordSchema>;

export interface Build {
  /** Absolute path of llama-server. */
  readonly server: string;
  readonly record: BuildRecord;
}

/** The finished build of this release for a backend, if it exists. */
export async function findBuild(folders: LlamaFolders): Promise<Build | undefined> {
  const server = join(folders.build, "llama-server");
  const record = await readBuildRecord(server);
  return record?.tree === LLAMA_CPP.tree && existsSync(server) ? { server, record } : undefined;
}

/** What is known of the build that a llama-server comes from; undefined for a program that is not our build. */
export async function readBuildRecord(server: string): Promise<BuildRecord | undefined> {
  try {
    return buildRecordSchema.parse(JSON.parse(await readFile(join(dirname(server), "build.json"), "utf8")));
  } catch (error) {
    // a record that is missing, damaged or unreadable means: not built
    if (systemCodeOf(error) !== undefined || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

/**
 * Path of the llama-server to run: the one that was named, our own build, or one on PATH.
 * @throws GptOssError `server-missing` with the command that builds one
 */
export async function requireProgram(options: Omit<FindServerOptions, "usePath" | "backend">): Promise<string> {
  const found = await findServer({ ...options, usePath: true });
  if (found !== undefined) return found.path;
  throw createError(options.rpc ? "noRpcServer" : "noServer", []);
}
