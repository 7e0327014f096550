import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createError } from "../i18n/error-messages.ts";
import { ownUid } from "./trusted-path.ts";

/** Environment variables as they are handed down from the edge; nothing below reads `process.env` itself. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type OperatingSystem = "linux" | "darwin";

/**
 * The folder for what can be built or downloaded again: `GPT_OSS_CACHE`, else `$XDG_CACHE_HOME/langchain-gpt-oss`
 * (Linux) or `~/Library/Caches/langchain-gpt-oss` (macOS).
 */
export function cacheFolder(environment: Environment, system: OperatingSystem, home?: string): string {
  const chosen = environment["GPT_OSS_CACHE"];
  if (chosen) return chosen;
  if (system === "darwin") return join(home ?? homeFolder(), "Library", "Caches", "langchain-gpt-oss");
  return join(xdgFolder(environment["XDG_CACHE_HOME"]) ?? join(home ?? homeFolder(), ".cache"), "langchain-gpt-oss");
}

/**
 * The folder for what can't be had again, such as sessions: `GPT_OSS_DATA`, else `$XDG_DATA_HOME/langchain-gpt-oss` (Linux) or
 * `~/Library/Application Support/langchain-gpt-oss` (macOS).
 */
export function dataFolder(environment: Environment, system: OperatingSystem, home?: string): string {
  const chosen = environment["GPT_OSS_DATA"];
  if (chosen) return chosen;
  if (system === "darwin") return join(home ?? homeFolder(), "Library", "Application Support", "langchain-gpt-oss");
  return join(
    xdgFolder(environment["XDG_DATA_HOME"]) ?? join(home ?? homeFolder(), ".local", "share"),
    "langchain-gpt-oss",
  );
}

/** The XDG specification says to ignore relative paths: they would name another folder wherever the program is started. */
function xdgFolder(named: string | undefined): string | undefined {
  return named !== undefined && isAbsolute(named) ? named : undefined;
}

/** Where the pinned llama.cpp and its builds live inside the cache folder, keyed by tag and backend. */
export function llamaFolders(cache: string, tag: string, backend: string) {
  const release = join(cache, "llama.cpp", tag);
  return {
    release,
    source: join(release, "source"),
    downloads: join(release, "downloads"),
    /** The finished server and what is known of it. */
    build: join(release, backend),
    /** cmake's own tree; removed once the server is in `build`. */
    buildTree: join(release, `${backend}.tree`),
    lock: join(release, "lock"),
    logs: join(cache, "logs"),
  };
}

export type LlamaFolders = ReturnType<typeof llamaFolders>;

/** HOME, else the home of this account; undefined where there is neither, as for a uid without an account in a container. */
export function findHomeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** @throws GptOssError `usage` where there is none */
export function homeFolder(): string {
  const home = findHomeFolder();
  if (home === undefined) throw createError("noHome", [ownUid()]);
  return home;
}

/**
 * Makes a folder and those above it, as `mkdir -p` does. Node's own `recursive` never returns where a system says ENOENT for a folder that
 * is there (`/proc` of Linux), and a path is often what a user typed.
 * @param mode of each folder that is made
 * @throws the system's error, as of `mkdir`; EEXIST where a file stands
 */
export function makeFolder(path: string, mode?: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const folder of missing) makeOne(folder, mode);
  if (missing.length === 0 && !existsSync(`${path}/.`)) mkdirSync(path); // a file stands there: says so
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!existsSync(`${folder}/.`)) throw error; // else another process made it in the meantime
  }
}

const PACKAGE = "langchain-gpt-oss";

/** Undefined in a bundle of CommonJS modules, which has `__filename` instead. */
const codeUrl = import.meta.url as string | undefined;

/** Whether this code runs from the repository's TypeScript and not from the build. */
export const runsFromSource = codeUrl?.endsWith(".ts") === true;

/**
 * The folder of this package: above this code in src/ and in dist/, or, for a program that has this code in its bundle, the package that
 * is installed beside that program. Another package's files are never taken for ours.
 */
export function findPackageFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = [folder, join(folder, "node_modules", PACKAGE)].find((path) => packageNameIn(path) === PACKAGE);
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

function packageNameIn(folder: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof manifest === "object" && manifest !== null && "name" in manifest ? manifest.name : undefined;
  } catch {
    return undefined; // missing or broken
  }
}

let found: { readonly folder: string | undefined } | undefined;

/** This package's folder, or undefined in a bundle without the package. Nothing is looked for before the first call. */
export function packageFolder(): string | undefined {
  found ??= { folder: findPackageFolder(dirname(codeUrl === undefined ? __filename : fileURLToPath(codeUrl))) };
  return found.folder;
}

/**
 * Absolute path of a file that ships with the package, given relative to its root: `packageFile("setup/fast-build.cmake")`.
 * @throws GptOssError `usage` in a bundle without the package
 */
export function packageFile(relative: string): string {
  const folder = packageFolder();
  if (folder === undefined) throw createError("packageNotInstalled", [relative]);
  return join(folder, relative);
}

/** The version of this package, as in its package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  return version;
}
