import { isAbsolute, join } from "node:path";
import { homeFolder } from "../src/platform/home-folder.ts";

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

/** The XDG specification wants a path that is relative to be ignored: it would be another folder wherever the program is started. */
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
