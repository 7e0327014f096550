import { createInterface } from "node:readline/promises";
import type { SavedSessions } from "../chat/saved-sessions.ts";
import { createError, localize, errorDetail } from "../i18n/error-messages.ts";
import { type ChatText, type CliText, textFor } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { describeDamage } from "../memory/session-event.ts";
import {
  findSession,
  latestSessionId,
  sessionsFolder,
  loadSessions,
  type StoredSession,
} from "../memory/session-folder.ts";
import type { Session } from "../memory/session.ts";
import { padTo } from "../terminal/text-width.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";

/** The flags that name the session of a chat. */
export interface SessionFlags {
  readonly continue?: boolean;
  /** True when no name follows it. */
  readonly resume?: string | true;
  readonly fork?: string;
  /** False with --no-save. */
  readonly save?: boolean;
}

/**
 * Opens the session that the flags name, or a new one. Where nothing can be saved, the conversation continues in memory, with a warning.
 * @throws GptOssError `usage` for a session that does not exist, `session-locked` for one that another process has open
 */
export async function openChatSession(
  flags: SessionFlags,
  saved: SavedSessions,
  world: CommandContext,
  messages: ChatText,
): Promise<Session> {
  const id = await chosenSession(flags, sessionsFolder(world.environment), world, messages);
  const session = await (id === undefined
    ? saved.create()
    : flags.fork === undefined
      ? saved.open(id)
      : saved.fork(id));
  welcomeBack(session, world, messages);
  return session;
}

async function chosenSession(
  flags: SessionFlags,
  folder: string,
  world: CommandContext,
  messages: ChatText,
): Promise<string | undefined> {
  if ([flags.continue, flags.resume, flags.fork].filter((flag) => flag !== undefined).length > 1) {
    throw createError("severalSessionsNamed", []);
  }
  if (flags.fork !== undefined) return findSession(folder, flags.fork);
  if (flags.resume === true) return await pickSession(folder, world, messages.language);
  if (flags.resume !== undefined) return findSession(folder, flags.resume);
  if (!flags.continue) return undefined;
  const latest = latestSessionId(folder);
  if (latest !== undefined) return latest;
  throw createError("noSessionToContinue", []);
}

function welcomeBack({ id, state, damage }: Session, { stderr }: CommandContext, messages: ChatText): void {
  const damaged = describeDamage(id, damage);
  if (damaged !== undefined) stderr.write(`${localize(messages.language, damaged)}\n`);
  if (state.messages.length === 0) return;
  const title = showableLine(JSON.stringify(state.title ?? id));
  stderr.write(`${messages.goingOn(title, state.turns, state.lastAt?.slice(0, 10))}\n`);
}

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
  { stdin, stderr, signal }: CommandContext,
  language: InterfaceLanguage,
): Promise<string> {
  if (!stdin.isTTY || !stderr.isTTY) {
    throw createError("noTerminalToPick", []);
  }
  const sessions = loadSessions(folder).slice(0, OFFERED);
  if (sessions.length === 0) throw createError("noSessionToResume", []);
  const words = textFor(language).cli;
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
      ? createError("interrupted", [errorDetail("pickingSession")])
      : error;
  } finally {
    terminal.close();
  }
}

/** A session in the list: when it was last used, and what it is called. */
export function sessionLine({ state, id }: StoredSession, { sessions: { undated } }: CliText): string {
  return `${padTo(state.lastAt?.slice(0, 10) ?? undated, DATE_WIDTH)}  ${showableLine(state.title ?? id)}`;
}
