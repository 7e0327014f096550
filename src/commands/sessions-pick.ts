import { createInterface } from "node:readline/promises";
import { failed, reason } from "../failures/failure.ts";
import { loadSessions, type StoredSession } from "../memory/session-folder.ts";
import { showableLine } from "../text/showable-text.ts";
import type { World } from "./world.ts";

/** Sessions that are offered at once; older ones are named. */
const OFFERED = 20;

/**
 * Lets the user pick one of the latest sessions from a list.
 * @returns its id
 * @throws GptOssError `usage` without a terminal or without sessions, `interrupted` at Ctrl-C or Ctrl-D
 */
export async function pickSession(folder: string, { stdin, stderr, signal }: World): Promise<string> {
  if (!stdin.isTTY || !stderr.isTTY) {
    throw failed("noTerminalToPick", []);
  }
  const sessions = loadSessions(folder).slice(0, OFFERED);
  if (sessions.length === 0) throw failed("noSessionToResume", []);
  for (const [index, session] of sessions.entries())
    stderr.write(`${String(index + 1).padStart(3)}  ${sessionLine(session)}\n`);
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    for (;;) {
      const answer = await terminal.question(`Which one (1 to ${sessions.length})? `, { signal });
      const picked = sessions[Number(answer) - 1];
      if (picked !== undefined) return picked.id;
    }
  } catch (error) {
    throw error instanceof Error && error.name === "AbortError"
      ? failed("interrupted", [reason("pickingSession")])
      : error;
  } finally {
    terminal.close();
  }
}

/** A session in the list: when it was last used, and what it is called. */
export function sessionLine({ state, id }: StoredSession): string {
  return `${state.lastAt?.slice(0, 10) ?? "undated   "}  ${showableLine(state.title ?? id)}`;
}
