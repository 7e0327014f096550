import { join } from "node:path";
import { childEnvironment, serverSettings } from "../platform/child-environment.ts";
import { runCommand } from "../platform/child-process.ts";
import type { Environment } from "../platform/folders.ts";

/** The one llama.cpp release that this project is built and tested with (docs/decisions/0001). */
export const LLAMA_CPP = {
  tag: "v0.5.0",
  /** Smallest `llama-server --version` that is used in place of our own build. */
  minimumVersion: [0, 5, 0],
  gitUrl: "https://github.com/ggml-org/llama.cpp.git",
  /** Git tree of the tag. Commits differ between git and the bundle (a squash), trees do not. */
  tree: "fd570ef54b10ec5fecb739e7e04c8ce44a6f415a",
  npm: {
    spec: "node-llama-cpp@3.22.1",
    archive: "node-llama-cpp-3.22.1.tgz",
    bytes: 35_735_663,
    integrity: "sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==",
    bundle: "package/llama/gitRelease.bundle",
  },
} as const;

export function npmArchive(downloads: string): { readonly path: string } {
  return { path: join(downloads, LLAMA_CPP.npm.archive) };
}

export interface ServerVersion {
  /** As the program says it: "0.5.0-dev (build 1, commit de3ff81)". */
  readonly text: string;
  /** Major, minor, patch; undefined for builds from before the version scheme, which knew only a build number. */
  readonly release: readonly number[] | undefined;
}

const VERSION_LINE = /^version:\s+((?:(\d+)\.(\d+)\.(\d+)(?:-\w+)?\s+)?\(?(?:build )?\w+.*)$/m;

/** Reads the version line of `llama-server --version`, in the new and the old wording. */
export function parseServerVersion(output: string): ServerVersion | undefined {
  const match = VERSION_LINE.exec(output);
  if (match?.[1] === undefined) return undefined;
  const numbers = match.slice(2, 5);
  return {
    text: match[1].trim(),
    release: numbers.some((part) => part === undefined) ? undefined : numbers.map(Number),
  };
}

/** Asks a llama-server for its version; undefined when it is none or does not run here. */
export async function readServerVersion(
  server: string,
  environment: Environment,
  signal?: AbortSignal,
): Promise<ServerVersion | undefined> {
  const { status, lastLines } = await runCommand(
    { program: server, arguments: ["--version"] },
    { environment: childEnvironment("server", environment, serverSettings(environment)), signal, silenceMs: 20_000 },
  );
  return status === 0 ? parseServerVersion(lastLines.join("\n")) : undefined;
}

/** True from the release on whose flags and output this project relies. */
export function isNewEnough({ release }: ServerVersion): boolean {
  if (release === undefined) return false;
  const difference = LLAMA_CPP.minimumVersion
    .map((needed, place) => (release[place] ?? 0) - needed)
    .find((step) => step !== 0);
  return (difference ?? 0) >= 0;
}
