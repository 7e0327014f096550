import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { childEnvironment } from "../platform/child-environment.ts";

/** In the environment of a program that was started, and so of all that it starts, unless they take it out of theirs. */
const MARK = "COMMAND_OF_GPT_OSS";

/** A process that was seen; by now its number alone may belong to another one. */
interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it began, as the system writes it. */
  readonly began: string;
}

const LOOK_MS = 200;
/** Programs that start others faster than they are ended are given up after this many rounds. */
const MOST_ROUNDS = 50;
const ROUND_MS = 10;

/**
 * Everything that a program has started, also what has left its process group (`setsid`) or whose parent has ended. Linux: by a mark in
 * the environment, and by parents and sessions, which are looked at again and again while the program runs. macOS: by parents and
 * groups at the end, so what has left both is not found there.
 */
export class ProcessTree {
  readonly #mark: string;
  readonly #seen = new Map<number, SeenProcess>();
  /** Processes that began later and are not of this tree, by number and beginning: they never will be. */
  readonly #strangers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** @param mark a word that no other program has */
  constructor(mark: string) {
    this.#mark = mark;
  }

  /** For the environment of the program. */
  get variables(): Readonly<Record<string, string>> {
    return { [MARK]: this.#mark };
  }

  /** Begins to look at what the program starts. */
  watch(pid: number): void {
    this.#look(pid);
    // elsewhere each look starts a program
    if (process.platform !== "linux") return;
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Notes what runs now, so that it is found when its parents have ended. */
  async note(): Promise<void> {
    this.#look();
    await this.#looking;
  }

  /** Ends the program and everything that it has started. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      await this.note();
      if (this.#seen.size === 0) return;
      for (const pid of this.#seen.keys()) kill(pid);
      await sleep(ROUND_MS);
    }
  }

  /** One look after the other: each builds on what was seen before. */
  #look(root?: number): void {
    this.#looking = this.#looking.then(() => this.#update(root)).catch(() => undefined); // a look that fails sees nothing new
  }

  async #update(root: number | undefined): Promise<void> {
    const all = await listProcesses();
    const now = new Map(all.map((one) => [one.pid, one]));
    for (const [pid, { began }] of this.#seen) if (now.get(pid)?.began !== began) this.#seen.delete(pid);
    const first = root === undefined ? undefined : now.get(root);
    if (first) this.#seen.set(first.pid, first);
    for (const one of all) {
      if (this.#seen.has(one.pid) || !(await hasMark(one, this.#mark, this.#strangers))) continue;
      this.#seen.set(one.pid, one);
    }
    for (let size = -1; size !== this.#seen.size;) {
      size = this.#seen.size;
      const groups = new Set([...this.#seen.values()].flatMap(({ group, session }) => [group, session]));
      for (const one of all) {
        const belongs = this.#seen.has(one.parent) || groups.has(one.group) || groups.has(one.session);
        if (belongs && one.pid !== process.pid) this.#seen.set(one.pid, one);
      }
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return; // it has ended
  }
}

/** All processes of the machine that still run. */
async function listProcesses(): Promise<SeenProcess[]> {
  if (process.platform !== "linux") return await listByPs();
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => ""))); // it may be gone
  return found.flatMap((line, index) => {
    // the name before it may hold anything
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const [state, parent, group, session] = fields;
    const began = fields[19];
    if (began === undefined || state === "Z" || state === "X") return [];
    return [
      { pid: Number(names[index]), parent: Number(parent), group: Number(group), session: Number(session), began },
    ];
  });
}

async function listByPs(): Promise<SeenProcess[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="], {
    env: childEnvironment("command", process.env),
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, group, state = "", began = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (pid === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(group), began }];
  });
}

/** A child has the environment of its parent from its first moment on, so who once lacked the mark never gets it. */
async function hasMark({ pid, began }: SeenProcess, mark: string, strangers: Set<string>): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const key = `${pid} ${began}`;
  if (strangers.has(key)) return false;
  // of another user's processes nothing can be read
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  if (environment.split("\0").includes(`${MARK}=${mark}`)) return true;
  strangers.add(key);
  return false;
}
