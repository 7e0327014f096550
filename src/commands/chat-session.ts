import { type BaseListChatMessageHistory, InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { GptOssError } from "../errors.ts";
import { describeDamage } from "../memory/read-session.ts";
import {
  findSession,
  forkSession,
  latestSessionId,
  loadSession,
  newSessionId,
  sessionsFolder,
} from "../memory/session-folder.ts";
import { SessionHistory } from "../memory/session-history.ts";
import { Session, type StartDetails } from "../memory/session.ts";
import { pickSession } from "./sessions-pick.ts";
import { showableLine } from "../showable-text.ts";
import type { World } from "./world.ts";

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
export interface ChatSession extends Disposable {
  readonly history: BaseListChatMessageHistory;
  /** `YYYY-MM-DD` of the session's first chat, where it went on from one. */
  readonly currentDate: string | undefined;
  /** Told once, when it is known what answers. */
  begin(details: StartDetails): void;
}

/**
 * Opens the session that the flags name, or a new one. A new one that can't be kept anywhere is not kept, and that is said.
 * @throws GptOssError `usage` for a session that is not there, `session-locked` for one that another process has open
 */
export async function openChatSession(flags: SessionFlags, world: World): Promise<ChatSession> {
  const folder = sessionsFolder(world.environment);
  const id = await chosenSession(flags, folder, world);
  if (flags.save === false) return await withoutKeeping(id === undefined ? undefined : loadSession(folder, id));
  try {
    const session = await openSession(flags, folder, id);
    welcomeBack(session, world);
    return {
      history: new SessionHistory(session),
      currentDate: session.state.started?.settings.currentDate,
      begin: (details) => {
        session.begin(details);
      },
      [Symbol.dispose]: () => {
        session.close();
      },
    };
  } catch (error) {
    const isStorage = GptOssError.isInstance(error) && (error.code === "storage-failed" || error.code === "disk-full");
    if (!isStorage || id !== undefined) throw error;
    world.stderr.write(`This chat is not kept: ${error.message}\n`);
    return await withoutKeeping(undefined);
  }
}

async function chosenSession(flags: SessionFlags, folder: string, world: World): Promise<string | undefined> {
  if ([flags.continue, flags.resume, flags.fork].filter((flag) => flag !== undefined).length > 1) {
    throw new GptOssError(
      "usage",
      "--continue, --resume and --fork each name a session; only one of them can be given.",
    );
  }
  if (flags.fork !== undefined) return findSession(folder, flags.fork);
  if (flags.resume === true) return await pickSession(folder, world);
  if (flags.resume !== undefined) return findSession(folder, flags.resume);
  if (!flags.continue) return undefined;
  const latest = latestSessionId(folder);
  if (latest !== undefined) return latest;
  throw new GptOssError("usage", "There is no session to continue yet.", { hint: "Start one with: gpt-oss chat." });
}

async function openSession(flags: SessionFlags, folder: string, id: string | undefined): Promise<Session> {
  if (id === undefined) return await Session.open({ folder, id: newSessionId(new Date()) });
  return flags.fork === undefined ? await Session.open({ folder, id }) : await forkSession(folder, id);
}

function welcomeBack({ id, state, damage }: Session, { stderr }: World): void {
  const damaged = describeDamage(id, damage);
  if (damaged !== undefined) stderr.write(`${damaged}\n`);
  if (state.messages.length === 0) return;
  const turns = state.turns === 1 ? "1 turn" : `${state.turns} turns`;
  stderr.write(
    `Going on with ${showableLine(JSON.stringify(state.title ?? id))} (${turns}, ${state.lastAt?.slice(0, 10) ?? "undated"}).\n`,
  );
}

async function withoutKeeping(from: ReturnType<typeof loadSession> | undefined): Promise<ChatSession> {
  const history = new InMemoryChatMessageHistory();
  for (const { message } of from?.state.messages ?? []) await history.addMessage(message);
  return {
    history,
    currentDate: from?.state.started?.settings.currentDate,
    begin: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}
