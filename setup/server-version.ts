import { childEnvironment, serverSettings } from "../src/platform/child-environment.ts";
import { runCommand } from "./command.ts";
import type { Environment } from "./folders.ts";
import { LLAMA_CPP } from "./release.ts";

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
