import { createInterface } from "node:readline/promises";
import type { InterfaceLanguage } from "../config/interface.ts";
import { failed, reason } from "../failures/failure.ts";
import { loadSessions, type StoredSession } from "../memory/session-folder.ts";
import { showableLine } from "../text/showable-text.ts";
import { padTo } from "../text/width.ts";
import { type CommandWords, commandWordsIn } from "./words/index.ts";
import type { World } from "./world.ts";

/** Sessions that are offered at once; older ones are named. */
const OFFERED = 20;
const DATE_WIDTH = 10;

/**
 * Lets the user pick one of the latest sessions from a list.
 * @returns its id
 * @throws GptOssError `usage` without a terminal or without sessions, `interrupted` at Ctrl-C or Ctrl-D
 */
export async function pickSession(
  folder: string,
  { stdin, stderr, signal }: World,
  language: InterfaceLanguage,
): Promise<string> {
  if (!stdin.isTTY || !stderr.isTTY) {
    throw failed("noTerminalToPick", []);
  }
  const sessions = loadSessions(folder).slice(0, OFFERED);
  if (sessions.length === 0) throw failed("noSessionToResume", []);
  const words = commandWordsIn(language);
  for (const [index, session] of sessions.entries())
    stderr.write(`${String(index + 1).padStart(3)}  ${sessionLine(session, words)}\n`);
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    for (;;) {
      const answer = await terminal.question(`${words.sessions.whichOne(sessions.length)} `, { signal });
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
export function sessionLine({ state, id }: StoredSession, { sessions: { undated } }: CommandWords): string {
  return `${padTo(state.lastAt?.slice(0, 10) ?? undated, DATE_WIDTH)}  ${showableLine(state.title ?? id)}`;
}
