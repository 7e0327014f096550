import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../errors/errors.ts";
import { childEnvironment } from "../../platform/child-environment.ts";
import type { Question } from "../approval.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What each process may take. The total of all of them needs control groups, which an ordinary user does not have. */
export interface ProcessLimits {
  /** Of the user, all programs together. It does not hold for root. */
  readonly processes?: number;
  /** Bytes of address space. */
  readonly memory?: number;
  /** Bytes of one file. */
  readonly file?: number;
}

/** What an isolated program may do. */
export interface IsolatedProgram {
  readonly program: string;
  readonly words: readonly string[];
  /** Where it runs, as it sees the path. */
  readonly workingFolder: string;
  /** The one folder of the user's that it may change, and where it sees it. */
  readonly writable: { readonly from: string; readonly to: string };
  /** Paths in that folder that it may not change. */
  readonly protectedPaths?: readonly string[];
  /** What else it may read, at the same place. */
  readonly readable: readonly string[];
  readonly network?: boolean;
  readonly limits: ProcessLimits;
  /** The variables that it gets, and no others. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A program with its arguments. */
export interface CommandLine {
  readonly program: string;
  readonly words: readonly string[];
}

/** How programs are kept from everything but their folder. */
export interface Isolation {
  readonly name: "bubblewrap" | "sandbox-exec";
  /** The command line that runs a program isolated. */
  commandFor(isolated: IsolatedProgram): CommandLine;
}

/** Why programs can't be isolated here. */
export interface NoIsolation {
  readonly name: undefined;
  readonly reason: "not-installed" | "not-permitted" | "not-supported";
  readonly detail: string;
}

const REASONS: Readonly<Record<NoIsolation["reason"], Question>> = {
  "not-installed": { en: "bubblewrap is not installed", ja: "bubblewrap がインストールされていません" },
  "not-permitted": { en: "bubblewrap is not permitted here", ja: "bubblewrap の使用が許可されていません" },
  "not-supported": { en: "this system has no isolation", ja: "このシステムは隔離に対応していません" },
};

/** Why a program is not isolated, for the question whether it may run. */
export function noIsolationReason({ reason }: NoIsolation): Question {
  return REASONS[reason];
}

/** Bytes of the temporary folder, which is memory. */
const TEMPORARY_BYTES = 268_435_456;
/** What programs and their libraries need of the system. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix"];
/** Of /etc, what names no user and holds no secret. */
const SETTINGS = [
  "alternatives",
  "ca-certificates",
  "fonts",
  "hosts",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "nsswitch.conf",
  "pki",
  "protocols",
  "resolv.conf",
  "services",
  "ssl",
  "timezone",
].map((name) => `/etc/${name}`);

/** The command line of bubblewrap: own namespaces, an empty environment, and nothing of the machine but what is listed. */
export function bubblewrapCommand(isolated: IsolatedProgram, canForbidNamespaces: boolean) {
  const {
    program,
    words,
    workingFolder,
    writable,
    protectedPaths = [],
    readable,
    network,
    variables,
    limits,
  } = isolated;
  const mounts = [...SYSTEM, ...SETTINGS].flatMap((path) => ["--ro-bind-try", path, path]);
  const inFolder = (path: string) => writable.to + path.slice(writable.from.length);
  return {
    program: "bwrap",
    words: [
      "--unshare-all",
      // without it, a program could make namespaces of its own, and reach parts of the kernel that only root reaches otherwise
      ...(canForbidNamespaces ? ["--unshare-user", "--disable-userns"] : []),
      ...(network ? ["--share-net"] : []),
      "--die-with-parent",
      "--new-session",
      "--clearenv",
      ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value]),
      ...mounts,
      "--proc",
      "/proc",
      "--dev",
      "/dev",
      "--size",
      String(TEMPORARY_BYTES),
      "--tmpfs",
      "/tmp",
      "--dir",
      "/tmp/home",
      ...readable.flatMap((path) => ["--ro-bind-try", path, path]),
      "--bind",
      writable.from,
      writable.to,
      ...protectedPaths.flatMap((path) => ["--ro-bind-try", path, inFolder(path)]),
      // the root itself is memory too
      "--remount-ro",
      "/",
      "--chdir",
      workingFolder,
      "--",
      ...limitWords(limits),
      program,
      ...words,
    ],
  };
}

/** The user and group without rights. */
export const NOBODY = 65_534;

/** A command that root starts, as another user: the limit of processes does not hold for root. */
export function asNobody(command: CommandLine, { name }: Isolation): CommandLine {
  if (name !== "bubblewrap" || process.getuid?.() !== 0) return command;
  const { program, words } = command;
  return {
    program: "setpriv",
    words: [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--", program, ...words],
  };
}

const PRLIMIT = "/usr/bin/prlimit";

function limitWords({ processes, memory, file }: ProcessLimits): readonly string[] {
  if (!existsSync(PRLIMIT)) return [];
  return [
    PRLIMIT,
    ...(processes === undefined ? [] : [`--nproc=${processes}`]),
    ...(memory === undefined ? [] : [`--as=${memory}`]),
    ...(file === undefined ? [] : [`--fsize=${file}`]),
    "--core=0",
  ];
}

function subpaths(paths: readonly string[]): string {
  return paths.map((path) => `(subpath ${JSON.stringify(path)})`).join(" ");
}

/** A profile of sandbox-exec: what is not allowed is refused. The folder is seen at its own place. */
export function sandboxProfile({ writable, protectedPaths = [], readable, network }: IsolatedProgram): string {
  const system = [
    "/usr",
    "/bin",
    "/sbin",
    "/System",
    "/Library",
    "/opt",
    "/private/etc/ssl",
    "/private/var/db/timezone",
  ];
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-exec process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    '(allow file-read-metadata (subpath "/"))',
    `(allow file-read* ${subpaths([...system, ...readable, writable.from])} (literal "/") (literal "/dev/null") (literal "/dev/urandom") (literal "/dev/random") (literal "/dev/zero"))`,
    `(allow file-write* ${subpaths([writable.from])} (literal "/dev/null"))`,
    ...(protectedPaths.length > 0 ? [`(deny file-write* ${subpaths(protectedPaths)})`] : []),
    ...(network ? ["(allow network*)", "(allow system-socket)"] : []),
  ].join("\n");
}

/** The isolation of this machine, tried out: what is installed need not be permitted. */
export async function findIsolation(environment: Environment): Promise<Isolation | NoIsolation> {
  if (process.platform === "darwin") {
    return {
      name: "sandbox-exec",
      commandFor: (isolated) => ({
        program: "/usr/bin/env",
        words: [
          "-i",
          ...Object.entries(isolated.variables).map(([name, value]) => `${name}=${value}`),
          "/usr/bin/sandbox-exec",
          "-p",
          sandboxProfile(isolated),
          isolated.program,
          ...isolated.words,
        ],
      }),
    };
  }
  if (process.platform !== "linux") return { name: undefined, reason: "not-supported", detail: process.platform };
  let failure: unknown;
  for (const canForbidNamespaces of [true, false]) {
    try {
      await tryBubblewrap(canForbidNamespaces, environment);
      return { name: "bubblewrap", commandFor: (isolated) => bubblewrapCommand(isolated, canForbidNamespaces) };
    } catch (error) {
      failure ??= error;
    }
  }
  const { code } = failure as { readonly code?: unknown };
  return { name: undefined, reason: code === "ENOENT" ? "not-installed" : "not-permitted", detail: messageOf(failure) };
}

const PROBE_MS = 10_000;

async function tryBubblewrap(canForbidNamespaces: boolean, environment: Environment): Promise<void> {
  const { program, words } = bubblewrapCommand(
    {
      program: "true",
      words: [],
      workingFolder: "/",
      writable: { from: "/usr", to: "/usr" },
      readable: [],
      limits: {},
      variables: { PATH: "/usr/bin:/bin" },
    },
    canForbidNamespaces,
  );
  await promisify(execFile)(program, words, { timeout: PROBE_MS, env: childEnvironment("command", environment) });
}

/** Folders of programs on the user's search path that are not the system's, with what belongs to them; never the home folder itself. */
export function programFolders(path: string, home: string): readonly string[] {
  const folders = path
    .split(delimiter)
    .filter((folder) => folder.startsWith(sep) && existsSync(folder))
    .map((folder) => realpathSync(folder))
    .filter((folder) => !SYSTEM.some((system) => folder === system || folder.startsWith(system + sep)));
  return [...new Set(folders.map((folder) => prefixOf(folder, home)))].filter(
    (folder) => folder !== sep && !home.startsWith(folder + sep) && folder !== home,
  );
}

/** `…/node/v20` for `…/node/v20/bin`: its libraries lie beside the programs. */
function prefixOf(folder: string, home: string): string {
  const prefix = dirname(folder);
  const isShared = prefix === home || home.startsWith(prefix + sep) || basename(prefix).startsWith(".local");
  const hasLibraries = basename(folder) === "bin" && existsSync(join(prefix, "lib"));
  // pyenv, rbenv and nodenv
  const isShims = basename(folder) === "shims" && existsSync(join(prefix, "versions"));
  return !isShared && (hasLibraries || isShims) ? prefix : folder;
}
