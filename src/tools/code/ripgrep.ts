import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { childEnvironment } from "../../platform/child-environment.ts";
import { ToolError } from "../tool-result.ts";
import { cutNote, NOTHING_FOUND, shortLine } from "./browse-folder.ts";

export interface RipgrepSearch {
  /** Where the project's folder really is. */
  readonly root: string;
  /** From the root on. */
  readonly path: string;
  readonly query: string;
  readonly maxResults: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Files of a project alone decide what is left out; no settings of the user or of a folder above do, and no link is followed. */
const OPTIONS = [
  "--no-config",
  "--no-require-git",
  "--no-ignore-parent",
  "--no-ignore-global",
  "--hidden",
  "--glob=!.git",
  "--line-number",
  "--with-filename",
  "--no-heading",
  "--color=never",
  "--sort=path",
  "--max-filesize=10M",
  "--max-columns=3000",
  "--max-columns-preview",
];

/**
 * Searches with ripgrep.
 * @returns undefined where ripgrep is not installed
 * @throws ToolError for a pattern that it cannot read
 */
export async function searchWithRipgrep(search: RipgrepSearch): Promise<string | undefined> {
  const { root, path, query, maxResults, environment, timeMs, signal } = search;
  const child = spawn("rg", [...OPTIONS, "--regexp", query, "--", path], {
    cwd: root,
    env: childEnvironment("command", environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | "not-started" | null>((resolve) => {
    child.on("error", () => resolve("not-started"));
    child.on("close", resolve);
  });
  const deadline = new AbortController();
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  void sleep(timeMs, undefined, { signal: deadline.signal }).then(stop, () => undefined); // it ended in time
  let failure = "";
  child.stderr.on("data", (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(0, 1_000)));
  const found: string[] = [];
  let isCut = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (found.length === maxResults) {
        isCut = true;
        stop();
        break;
      }
      found.push(shortLine(line.replace(/^\.\//, "")));
    }
    const status = await ended;
    signal?.throwIfAborted();
    if (status === "not-started") return undefined;
    if (isCut) return [...found, cutNote(maxResults)].join("\n");
    if (status === null) return [...found, "[cut: the time was over; name a smaller folder]"].join("\n");
    if (found.length === 0 && status > 1) throw new ToolError(`ripgrep could not search: ${failure.trim()}`);
    return found.length === 0 ? NOTHING_FOUND : found.join("\n");
  } finally {
    deadline.abort();
    signal?.removeEventListener("abort", stop);
  }
}
