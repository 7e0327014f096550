import { createInterface } from "node:readline/promises";
import { createError, localize, errorDetail } from "../i18n/error-messages.ts";
import { type ChatText, type CliText, textFor } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { describeDamage } from "../memory/session-event.ts";
import { isStorageError } from "../memory/session-file.ts";
import {
  findSession,
  forkSession,
  latestSessionId,
  loadSession,
  newSessionId,
  sessionsFolder,
  loadSessions,
  type StoredSession,
} from "../memory/session-folder.ts";
import { SessionChatMessageHistory, UnsavedHistory } from "../memory/session-history.ts";
import { Session } from "../memory/session.ts";
import { padTo } from "../terminal/text-width.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";

/** How a chat is told which conversation to go on with. */
export interface SessionFlags {
  readonly continue?: boolean;
  /** True when no name follows it. */
  readonly resume?: string | true;
  readonly fork?: string;
  /** False with --no-save. */
  readonly save?: boolean;
}

/** Where a chat's conversation is kept. */
export interface ChosenSession extends Disposable {
  readonly history: SessionChatMessageHistory | UnsavedHistory;
  /** `YYYY-MM-DD` of the session's first chat, where it went on from one. */
  readonly currentDate: string | undefined;
  /** What was offered to the model in it, where it went on from one. */
  readonly tools: readonly string[] | undefined;
}

/**
 * Opens the session that the flags name, or a new one. Where nothing can be saved, the conversation continues in memory, with a warning.
 * @throws GptOssError `usage` for a session that is not there, `session-locked` for one that another process has open
 */
export async function openChatSession(
  flags: SessionFlags,
  world: CommandContext,
  messages: ChatText,
  onUnsaved: (failure: unknown) => void,
): Promise<ChosenSession> {
  const folder = sessionsFolder(world.environment);
  const id = await chosenSession(flags, folder, world, messages);
  if (flags.save === false) return withoutKeeping(id === undefined ? undefined : loadSession(folder, id));
  try {
    const session = await openSession(flags, folder, id);
    session.onUnsaved = onUnsaved;
    welcomeBack(session, world, messages);
    return {
      history: new SessionChatMessageHistory(session),
      currentDate: session.state.started?.settings.currentDate,
      tools: session.state.tools,
      [Symbol.dispose]: () => {
        session.close();
      },
    };
  } catch (error) {
    if (!isStorageError(error)) throw error;
    onUnsaved(error);
    return withoutKeeping(id === undefined ? undefined : loadSession(folder, id));
  }
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

async function openSession(flags: SessionFlags, folder: string, id: string | undefined): Promise<Session> {
  if (id === undefined) return await Session.open({ folder, id: newSessionId(new Date()) });
  return flags.fork === undefined ? await Session.open({ folder, id }) : await forkSession(folder, id);
}

function welcomeBack({ id, state, damage }: Session, { stderr }: CommandContext, messages: ChatText): void {
  const damaged = describeDamage(id, damage);
  if (damaged !== undefined) stderr.write(`${localize(messages.language, damaged)}\n`);
  if (state.messages.length === 0) return;
  const title = showableLine(JSON.stringify(state.title ?? id));
  stderr.write(`${messages.goingOn(title, state.turns, state.lastAt?.slice(0, 10))}\n`);
}

function withoutKeeping(from: ReturnType<typeof loadSession> | undefined): ChosenSession {
  const history = new UnsavedHistory(from?.state.messages.map(({ message }) => message));
  return {
    history,
    currentDate: from?.state.started?.settings.currentDate,
    tools: from?.state.tools,
    [Symbol.dispose]: () => undefined,
  };
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
