import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolder, type Environment, type LlamaFolders } from "../src/platform/folders.ts";
import type { GptOssError } from "../src/errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../src/i18n/error-messages.ts";
import { childEnvironment } from "../src/platform/child-environment.ts";
import { type Command, runCommand } from "../src/platform/child-process.ts";
import { LLAMA_CPP, npmArchive } from "../src/llama-server/llama-cpp-version.ts";
import type { ProgressListener } from "../src/terminal/progress.ts";

export interface SourceOptions {
  readonly folders: LlamaFolders;
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Git address of llama.cpp; tests put a local repository here. */
  readonly gitUrl?: string | undefined;
  /** Called before a folder is replaced; throws when that is not ours to do any more. */
  readonly beforeReplacing?: (() => void) | undefined;
  readonly onProgress?: ProgressListener;
  readonly onNotice?: (notice: LocalizedText) => void;
}

/** git changes no line ends here, and runs no hook that the user has set up for every repository. */
const GIT_SETTINGS = ["core.autocrlf=false", "core.hooksPath=/dev/null", "advice.detachedHead=false"].flatMap(
  (setting) => ["-c", setting],
);
/** A connection that gives nothing for so long is taken for dead. */
const GIT_SILENCE_MS = 60_000;
/** `npm --silent` says nothing during its 36 MB; its own timeouts are shorter than this. */
const NPM_SILENCE_MS = 30 * 60_000;

function git(folder: string, ...words: string[]): Command {
  return { program: "git", arguments: ["-C", folder, ...GIT_SETTINGS, ...words] };
}

export function gitFetchCommands(folder: string, url: string, reference: string): readonly Command[] {
  return [
    { program: "git", arguments: ["init", "--quiet", "--template=", folder] },
    git(folder, "fetch", "--depth", "1", "--progress", url, reference),
    git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD"),
  ];
}

export function npmFetchCommands(downloads: string): readonly Command[] {
  const archive = npmArchive(downloads);
  return [
    {
      program: "npm",
      arguments: ["pack", LLAMA_CPP.npm.spec, "--ignore-scripts", "--silent", "--pack-destination", downloads],
    },
    { program: "tar", arguments: ["-xzf", archive.path, "-C", downloads, LLAMA_CPP.npm.bundle] },
  ];
}

/** True when the checkout exists and is exactly the pinned tree, without changes. */
export async function hasSource(options: SourceOptions): Promise<boolean> {
  const { source } = options.folders;
  if (!existsSync(join(source, ".git"))) return false;
  if ((await treeOf(source, "HEAD", options)) !== LLAMA_CPP.tree) return false;
  const changes = await runGit(git(source, "status", "--porcelain", "--untracked-files=no"), options);
  return changes.status === 0 && changes.stdout === "";
}

/**
 * Fetches the pinned llama.cpp: the tag alone by git, else from the source bundle in the npm mirror.
 * Whichever way it came, it is used only if its git tree is the pinned one.
 * @returns where it came from, for the report
 * @throws GptOssError `source-unavailable`
 */
export async function fetchSource(options: SourceOptions): Promise<LocalizedText> {
  const { source, downloads } = options.folders;
  const draft = `${source}.partial`;
  makeFolder(downloads);
  const url = options.gitUrl ?? LLAMA_CPP.gitUrl;
  const gitProblem = await checkOut(draft, url, `refs/tags/${LLAMA_CPP.tag}`, options);
  let origin: LocalizedText = url;
  if (gitProblem !== undefined) {
    options.onNotice?.(errorDetail("gitCouldNot", url, gitProblem));
    const bundle = await fetchBundle(downloads, gitProblem, options);
    const bundleProblem = await checkOut(draft, bundle, "HEAD", options);
    if (bundleProblem !== undefined) {
      throw createError("sourceUnreadable", [bundleProblem]);
    }
    origin = errorDetail("npmPackage", LLAMA_CPP.npm.spec);
  }
  options.beforeReplacing?.();
  await rm(source, { recursive: true, force: true });
  await rename(draft, source);
  await rm(downloads, { recursive: true, force: true });
  return origin;
}

/** Checks the pinned tree out into a new folder; returns what went wrong when it could not be fetched. */
async function checkOut(
  draft: string,
  url: string,
  reference: string,
  options: SourceOptions,
): Promise<LocalizedText | undefined> {
  await rm(draft, { recursive: true, force: true });
  const [init, fetch, checkout] = gitFetchCommands(draft, url, reference);
  for (const command of [init, fetch]) {
    if (command === undefined) continue;
    const { status, lastLines } = await runGit(command, options);
    if (status !== 0) return gitReason(lastLines);
  }
  const tree = await treeOf(draft, "FETCH_HEAD", options);
  if (tree !== LLAMA_CPP.tree) {
    await rm(draft, { recursive: true, force: true });
    throw createError("otherSource", [
      url,
      reference,
      LLAMA_CPP.tag,
      tree ?? errorDetail("unreadableTree"),
      LLAMA_CPP.tree,
    ]);
  }
  if (checkout) {
    const { status, lastLines } = await runGit(checkout, options);
    if (status !== 0) {
      throw createError("sourceNotWritten", [lastLines.at(-1) ?? errorDetail("noReasonGiven"), draft]);
    }
  }
  return undefined;
}

/** git says why in its first fatal line and adds advice after it. */
function gitReason(lastLines: readonly string[]): LocalizedText {
  const line = lastLines.find((candidate) => candidate.startsWith("fatal: ")) ?? lastLines.at(-1);
  return line?.replace(/^fatal: /, "").replace(/\.$/, "") ?? errorDetail("gitSaidNothing");
}

/** The bundle inside the npm package, after its pinned SHA-512; an archive that is already here is used. */
async function fetchBundle(downloads: string, gitProblem: LocalizedText, options: SourceOptions): Promise<string> {
  const archive = npmArchive(downloads);
  const [pack, unpack] = npmFetchCommands(downloads);
  if (pack === undefined || unpack === undefined) throw new Error("npmFetchCommands gives two commands");
  if ((await integrityOf(archive.path)) !== LLAMA_CPP.npm.integrity) {
    const { status, lastLines } = await runNpm(pack, options);
    const said = lastLines.find((line) => /error/i.test(line)) ?? lastLines.at(-1);
    if (status !== 0) throw unavailable(gitProblem, saidBy("npm", said));
    if ((await integrityOf(archive.path)) !== LLAMA_CPP.npm.integrity) {
      await rm(archive.path, { force: true });
      throw unavailable(gitProblem, errorDetail("otherNpmPackage", LLAMA_CPP.npm.spec));
    }
  }
  const { status, lastLines } = await runNpm(unpack, options);
  if (status !== 0) throw unavailable(gitProblem, saidBy("tar", lastLines.at(-1)));
  return join(downloads, LLAMA_CPP.npm.bundle);
}

function unavailable(gitProblem: LocalizedText, npmProblem: LocalizedText): GptOssError {
  return createError("sourceUnavailable", [gitProblem, npmProblem]);
}

function saidBy(program: string, line: string | undefined): LocalizedText {
  return errorDetail("atField", program, line ?? errorDetail("itFailed"));
}

async function integrityOf(path: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const hash = createHash("sha512");
  await pipeline(createReadStream(path), hash);
  return `sha512-${hash.digest("base64")}`;
}

async function treeOf(folder: string, revision: string, options: SourceOptions): Promise<string | undefined> {
  const { status, stdout } = await runGit(git(folder, "rev-parse", `${revision}^{tree}`), options);
  return status === 0 ? stdout.trim() : undefined;
}

function runNpm(command: Command, { folders, environment, signal }: SourceOptions) {
  return runCommand(command, {
    environment: childEnvironment("npm", environment),
    folder: folders.downloads,
    signal,
    silenceMs: NPM_SILENCE_MS,
  });
}

function runGit(command: Command, { folders, environment, signal, onProgress }: SourceOptions) {
  return runCommand(command, {
    environment: childEnvironment("git", environment, {
      GIT_TERMINAL_PROMPT: "0",
      // a repository around the cache folder has no say here
      GIT_CEILING_DIRECTORIES: folders.release,
      LC_ALL: "C",
    }),
    signal,
    silenceMs: GIT_SILENCE_MS,
    onLine: (line) => {
      const percent = /^Receiving objects:\s+(\d+)%/.exec(line)?.[1];
      if (percent) onProgress?.({ activity: "fetching", done: Number(percent), total: 100, unit: "percent" });
    },
  });
}
