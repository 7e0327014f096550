import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../../errors/errors.ts";
import type { ToolFolder } from "../files/tool-folder.ts";
import { ToolError } from "../tool-result.ts";

/** One file as it will be; without content it is deleted. */
export interface FileChange {
  /** Where the file really is or will be, as `ToolFolder.locateForWriting` says. */
  readonly target: string;
  /** What was read; undefined for a file that must not exist. */
  readonly before: string | undefined;
  readonly content: string | undefined;
  readonly mode: number;
}

const stepSchema = z.object({
  target: z.string(),
  /** Of the file before; null where there was none. */
  before: z.string().nullable(),
  /** The new file, beside the target; null to delete it. */
  temporary: z.string().nullable(),
});
type Step = z.infer<typeof stepSchema>;
const journalSchema = z.object({
  root: z.string(),
  pid: z.number(),
  /** Whether all new files are complete: from then on the changes are carried out, before that they are given up. */
  isReady: z.boolean(),
  steps: z.array(stepSchema),
});
type Journal = z.infer<typeof journalSchema>;

/**
 * Changes several files of a folder at once. All new files are written and synced beside the old ones first, and a journal outside of the
 * folder lists them. Then they are put in their places. When the program is killed in between, `recover` ends what was begun: either all
 * files are new, or all are old. No file is ever half written.
 */
export class FileTransactions {
  readonly #journals: string;

  /** @param journals a folder for this user alone; it is made when it is needed */
  constructor(journals: string) {
    this.#journals = journals;
  }

  /** @throws ToolError when a file was changed meanwhile; nothing is changed then */
  async apply(folder: ToolFolder, changes: readonly FileChange[]): Promise<void> {
    const steps = changes.map(({ target, before, content }): Step => {
      const temporary = content === undefined ? null : join(dirname(target), `.${randomUUID()}.tmp`);
      return { target, before: before === undefined ? null : hashOf(before), temporary };
    });
    const journal: Journal = { root: folder.root, pid: process.pid, isReady: false, steps };
    await mkdir(this.#journals, { recursive: true, mode: 0o700 });
    const file = join(this.#journals, `${randomUUID()}.json`);
    await writeJournal(file, journal);
    try {
      for (const [index, { target, content, mode }] of changes.entries()) {
        await folder.makeFolderOf(target);
        const temporary = steps[index]?.temporary;
        if (typeof temporary !== "string") continue;
        await writeNew(temporary, content ?? "", mode);
        if ((await folder.locate(temporary)) !== temporary) throw new ToolError(`${folder.show(target)} was moved.`);
      }
      for (const step of steps) {
        if (!(await isPending(step))) {
          throw new ToolError(`${folder.show(step.target)} was changed by someone else meanwhile. Read it again.`);
        }
        if ((await folder.locateForWriting(step.target)) !== step.target) {
          throw new ToolError(`${folder.show(step.target)} was moved.`);
        }
      }
      await writeJournal(file, { ...journal, isReady: true });
    } catch (error) {
      await giveUp(journal);
      await rm(file, { force: true });
      throw error;
    }
    await carryOut(steps);
    await rm(file, { force: true });
  }

  /** Ends what a program that was killed had begun in this folder. */
  async recover(folder: ToolFolder): Promise<void> {
    const names = await readdir(this.#journals).catch(() => []); // there may be none yet
    for (const name of names.filter((each) => each.endsWith(".json"))) {
      const file = join(this.#journals, name);
      const journal = await readJournal(file);
      if (journal?.root !== folder.root || isAlive(journal.pid)) continue;
      const pending = await Promise.all(journal.steps.map(isUntouched));
      // somebody who has changed one of the files since then decides over all of them
      if (journal.isReady && pending.every(Boolean)) await carryOut(journal.steps);
      else await giveUp(journal);
      await rm(file, { force: true });
    }
  }
}

/** Each file is replaced at once. What was carried out before the program was killed is passed over. */
async function carryOut(steps: readonly Step[]): Promise<void> {
  for (const { target, temporary } of steps) {
    if (temporary === null) await rm(target, { force: true });
    else {
      await rename(temporary, target).catch((error: unknown) => {
        if (systemCodeOf(error) !== "ENOENT") throw error;
      });
    }
    await syncFolder(dirname(target));
  }
}

async function giveUp({ steps }: Journal): Promise<void> {
  for (const { temporary } of steps) if (temporary !== null) await rm(temporary, { force: true });
}

/** Whether a file is still what it was before the changes. */
async function isPending({ target, before }: Step): Promise<boolean> {
  return (await currentHash(target)) === before;
}

/** Whether a step was carried out, or still can be. */
async function isUntouched(step: Step): Promise<boolean> {
  const { target, temporary } = step;
  const isThere = temporary !== null && (await lstat(temporary).catch(() => undefined)) !== undefined;
  if (temporary === null) return (await currentHash(target)) === null || (await isPending(step));
  return isThere ? await isPending(step) : (await currentHash(target)) !== null;
}

async function currentHash(target: string): Promise<string | null> {
  const found = await lstat(target).catch(() => undefined);
  if (found === undefined) return null;
  // anything but a file is somebody else's doing
  return found.isFile() ? hashOf(await readFile(target)) : "";
}

function hashOf(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

async function writeNew(path: string, content: string, mode: number): Promise<void> {
  const handle = await open(path, NEW_FILE, mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeJournal(file: string, journal: Journal): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  await writeNew(temporary, JSON.stringify(journal), 0o600);
  await rename(temporary, file);
  await syncFolder(dirname(file));
}

async function readJournal(file: string): Promise<Journal | undefined> {
  try {
    return journalSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined; // another program has ended it, or it is no journal
  }
}

/** A file that was put into its place is there after a power failure too. */
async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY);
    await handle.sync();
  } catch {
    // not every file system can
  } finally {
    await handle?.close();
  }
}

/** A number that another program has by now only delays the end of a journal. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
}
