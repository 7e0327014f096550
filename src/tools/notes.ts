import { appendFile, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../errors/errors.ts";
import { makeFolder } from "../platform/folders.ts";
import type { ApprovalGate } from "./approval.ts";
import { type AgentTool, createTool } from "./define-tool.ts";
import { SearchIndex } from "./search-index.ts";
import { ToolRefusal } from "./tool-result.ts";

const MOST_FOUND = 8;

/** Keeps something for later conversations, once a person has said yes: a note from a bad page would speak in all of them. */
export function rememberTool(notes: NoteFile, gate: ApprovalGate, now: () => Date): AgentTool {
  return createTool({
    name: "remember",
    description: "Keeps one sentence for later conversations. The user is asked and may refuse.",
    schema: z.object({ text: z.string().min(1).max(1_000).describe("one self-contained sentence") }),
    async run({ text }, signal) {
      const question = {
        en: "Remember this in later conversations?",
        ja: "これを今後の会話でも覚えておきますか？",
      };
      if (!(await gate({ tool: "remember", question, detail: text, scope: "remember", signal }))) {
        throw new ToolRefusal("The user refused. Nothing was kept.");
      }
      await notes.add({ at: now().toISOString(), text });
      return "Kept.";
    },
  });
}

/** Finds what `remember` has kept. */
export function recallTool(notes: NoteFile): AgentTool {
  return createTool({
    name: "recall",
    description: "Finds what was kept for later conversations. Gives the notes that fit best, with their dates.",
    schema: z.object({ query: z.string().optional().describe("words to look for; the latest notes when left out") }),
    async run({ query = "" }) {
      const all = await notes.all();
      const found = query.trim() === "" ? all.slice(-MOST_FOUND).toReversed() : searchNotes(all, query);
      if (found.length === 0) return `[none of ${all.length} notes fits]`;
      return found.map(({ at, text }) => `${at.slice(0, 10)}: ${text}`).join("\n");
    },
  });
}

function searchNotes<Item extends { readonly text: string }>(notes: readonly Item[], query: string): Item[] {
  const index = new SearchIndex(notes);
  return index.search(query, MOST_FOUND).map(({ item }) => item);
}

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
