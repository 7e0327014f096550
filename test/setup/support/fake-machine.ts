import type { Machine } from "../../../src/platform/platform.ts";

export interface FakeMachineOptions {
  readonly system?: string;
  readonly architecture?: string;
  readonly totalMemory?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly isRoot?: boolean;
  /** Programs on PATH and what each says; undefined says nothing and fails. */
  readonly programs?: Readonly<Record<string, string | undefined>>;
  /** Paths that exist; folders list what is directly below them. */
  readonly files?: readonly string[];
}

/** A machine that can't be had: a GPU, another distribution, a Mac. */
export function fakeMachine({
  system = "linux",
  architecture = "x64",
  totalMemory = 32e9,
  environment = {},
  isRoot = false,
  programs = {},
  files = [],
}: FakeMachineOptions = {}): Machine {
  return {
    system,
    architecture,
    totalMemory,
    environment,
    isRoot,
    exists: (path) => files.some((file) => file === path || file.startsWith(`${path}/`)),
    list: (folder) =>
      files
        .filter((file) => file.startsWith(`${folder}/`))
        .map((file) => file.slice(folder.length + 1).split("/")[0] ?? ""),
    read: () => undefined,
    run: (program) => Promise.resolve(programs[program]),
    find: (program) => (program in programs ? `/usr/bin/${program}` : undefined),
  };
}
