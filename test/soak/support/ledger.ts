import { readdirSync } from "node:fs";
import { spawnSync } from "node:child_process";

/** Nothing may take longer than this, faults included: a call that does counts as hung. Milliseconds. */
export const HUNG_AFTER_MS = 120_000;

/** What a process holds at a moment. */
export interface Holding {
  readonly minute: number;
  readonly who: "supervisor" | "client";
  /** Megabytes. */
  readonly memory: number;
  /** Open files and connections; 0 where the system does not tell. */
  readonly descriptors: number;
}

/** What happened in a long run, counted. */
export class Ledger {
  readonly done: Record<string, number> = {};
  /** Failures that were told to the caller, by their code: after a fault they are right. */
  readonly failures: Record<string, number> = {};
  readonly faults: Record<string, number> = {};
  readonly lost: string[] = [];
  readonly hung: string[] = [];
  readonly defects: string[] = [];
  readonly holdings: Holding[] = [];

  count(book: "done" | "failures" | "faults", what: string): void {
    this[book][what] = (this[book][what] ?? 0) + 1;
  }

  /** Waits for what must come to an end; what does not is noted, and given up. */
  async within<T>(what: string, action: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.hung.push(what);
        resolve(undefined);
      }, HUNG_AFTER_MS);
    });
    try {
      return await Promise.race([action, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  look(minute: number, who: Holding["who"], pid: number): void {
    const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
    if (stdout.trim() === "") return;
    this.holdings.push({ minute, who, memory: Number(stdout) / 1024, descriptors: descriptorsOf(pid) });
  }
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0; // no /proc here, or the process is gone
  }
}
