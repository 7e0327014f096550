import { existsSync, readFileSync } from "node:fs";
import { foldText } from "../text/fold-text.ts";
import { findFolded, type TextRange } from "./find-folded.ts";
import { loadSession, sessionIds } from "./session-folder.ts";
import { draftPath, sessionPath } from "./session.ts";
import { attempt } from "./session-file.ts";

/** A message in which the words stand. */
export interface SessionMatch {
  readonly id: string;
  readonly title: string | undefined;
  /** When it was said, ISO 8601. */
  readonly at: string;
  readonly kind: string;
  readonly text: string;
  /** Where in `text`, in UTF-16 units. */
  readonly ranges: readonly TextRange[];
}

/** All messages that contain `query`, the newest session first. A file is only read in full when its folded text has the words. */
export function* searchSessions(folder: string, query: string): Generator<SessionMatch> {
  const wanted = foldText(JSON.stringify(query).slice(1, -1));
  if (wanted.trim() === "") return;
  for (const id of sessionIds(folder)) {
    const path = sessionPath(folder, id);
    const text = attempt(path, () => readFileSync(path, "utf8"));
    // an answer that a killed program left unfinished is in another file
    if (!existsSync(draftPath(folder, id)) && !foldText(text).includes(wanted)) continue;
    const { state } = loadSession(folder, id);
    for (const { at, message } of state.messages) {
      const ranges = findFolded(message.text, query);
      if (ranges.length > 0) yield { id, title: state.title, at, kind: message.type, text: message.text, ranges };
    }
  }
}
