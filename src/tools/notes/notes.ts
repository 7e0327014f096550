import { z } from "zod";
import { SearchIndex } from "../../search/search-index.ts";
import type { ApprovalGate } from "../approval.ts";
import { type AgentTool, defineTool } from "../define-tool.ts";
import { ToolRefusal } from "../failure.ts";
import type { NoteFile } from "./note-file.ts";

const MOST_FOUND = 8;

/** Keeps something for later conversations, once a person has said yes: a note from a bad page would speak in all of them. */
export function rememberTool(notes: NoteFile, gate: ApprovalGate, now: () => Date): AgentTool {
  return defineTool({
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
  return defineTool({
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
