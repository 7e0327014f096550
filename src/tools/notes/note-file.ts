import { appendFile, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../../setup/make-folder.ts";
import { z } from "zod";
import { systemCodeOf } from "../../errors.ts";

const noteSchema = z.object({ at: z.iso.datetime(), text: z.string() });

/** Something to be known in later conversations too. */
export type Note = z.infer<typeof noteSchema>;

/** Notes as JSON lines, one a line, in a file that only its owner can read. */
export class NoteFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async add(note: Note): Promise<void> {
    makeFolder(dirname(this.#path), 0o700);
    // in one write: two programs that add at once leave two whole lines
    await appendFile(this.#path, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  }

  /** All notes, the oldest first. A line that is none, such as one that was cut off, is passed over. */
  async all(): Promise<Note[]> {
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      if (systemCodeOf(error) === "ENOENT") return "";
      throw error;
    });
    return text.split("\n").flatMap((line) => {
      const note = noteSchema.safeParse(parseLine(line));
      return note.success ? [note.data] : [];
    });
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // judged by the schema
  }
}
