import { readdirSync, readFileSync, rmSync, statSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { AIMessage } from "@langchain/core/messages";
import { systemCodeOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { dataFolder, type Environment } from "../platform/folders.ts";
import { foldText, segmentsOf } from "../terminal/unicode.ts";
import { type Damage, readSession, type SessionEvent, stamped, storedFrom, SessionState } from "./session-event.ts";
import { DraftFile, isDraftOfAnswer, attempt } from "./session-file.ts";
import { draftPath, lockPath, newSessionId, Session, sessionPath } from "./session.ts";

/** A session as it lies on the disk, read and not locked. */
export interface StoredSession {
  readonly id: string;
  readonly state: SessionState;
  readonly events: readonly SessionEvent[];
  readonly damage: readonly Damage[];
}

/** The folder of the user's own sessions: `GPT_OSS_DATA`, or where the system keeps such data. */
export function sessionsFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  return join(dataFolder(environment, platform === "darwin" ? "darwin" : "linux"), "sessions");
}

/** The ids of all sessions, the newest first. */
export function sessionIds(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
    return names.map((name) => basename(name, ".jsonl")).toSorted((one, other) => (one < other ? 1 : -1));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    return attempt(folder, () => {
      throw error;
    });
  }
}

export function loadSession(folder: string, id: string): StoredSession {
  const path = sessionPath(folder, id);
  const { events, damage } = readSession(attempt(path, () => readFileSync(path, "utf8")));
  const state = SessionState.of(events);
  const recovered = answerLeftIn(draftPath(folder, id), state);
  for (const event of recovered) state.apply(event);
  return { id, events: [...events, ...recovered], damage, state };
}

/** What a killed program was writing. Opening the session to continue it puts the same events into its file. */
function answerLeftIn(path: string, state: SessionState): readonly SessionEvent[] {
  const draft = new DraftFile(path).read();
  if (draft === undefined || !isDraftOfAnswer(draft, state.messages.at(-1))) return [];
  const at = attempt(path, () => statSync(path).mtime);
  const seq = state.lastSeq + 1;
  return [
    stamped({ type: "message", seq, message: storedFrom(new AIMessage(draft.text)) }, at),
    stamped({ type: "interrupted", seq }, at),
  ];
}

/** All sessions, the one that was used last first. */
export function loadSessions(folder: string): readonly StoredSession[] {
  const used = ({ state }: StoredSession) => state.lastAt ?? "";
  return sessionIds(folder)
    .map((id) => loadSession(folder, id))
    .toSorted((one, other) => (used(one) < used(other) ? 1 : -1));
}

/**
 * The id of the session that is meant: by id, by the beginning of one, by title, or by a part of one title alone.
 * @throws GptOssError `usage` when there is none, or more than one
 */
export function findSession(folder: string, reference: string): string {
  const ids = sessionIds(folder);
  if (ids.includes(reference)) return reference;
  const sessions = loadSessions(folder);
  const wanted = foldText(reference);
  const tests: readonly ((session: StoredSession) => boolean)[] = [
    ({ id }) => id.startsWith(reference),
    ({ state }) => foldText(state.title ?? "") === wanted,
    ({ state }) => foldText(state.title ?? "").includes(wanted),
  ];
  for (const test of tests) {
    const [found, ...others] = reference === "" ? [] : sessions.filter(test);
    if (found === undefined) continue;
    if (others.length === 0) return found.id;
    const named = [found, ...others.slice(0, 3)].map(({ id, state }) => `${id} (${state.title ?? "untitled"})`);
    throw createError("severalSessions", [
      JSON.stringify(reference),
      others.length + 1,
      `${named.join(", ")}${others.length > 3 ? ", …" : ""}`,
    ]);
  }
  throw createError("unknownSession", [JSON.stringify(reference)]);
}

/** The session that was written to last, or undefined where there is none. */
export function latestSessionId(folder: string): string | undefined {
  const changed = (id: string) => statSync(sessionPath(folder, id)).mtimeMs;
  return sessionIds(folder)
    .map((id) => ({ id, at: changed(id) }))
    .toSorted((one, other) => other.at - one.at)[0]?.id;
}

/** Copies the events of a session into a new one, which is given back open. */
export async function forkSession(folder: string, id: string, now: () => Date = () => new Date()): Promise<Session> {
  const { events, state } = loadSession(folder, id);
  const copy = await Session.open({ folder, id: newSessionId(now()), now });
  const { model, prompt, settings = {} } = state.started ?? {};
  copy.restore([
    { v: 1, at: now().toISOString(), type: "started", id: copy.id, model, prompt, settings, from: id },
    ...events.filter(({ type }) => type !== "started"),
  ]);
  return copy;
}

/** @throws GptOssError `session-locked` while a chat has it open */
export async function removeSession(folder: string, id: string): Promise<void> {
  const session = await Session.open({ folder, id, purpose: "change" });
  try {
    attempt(folder, () => {
      for (const path of [sessionPath(folder, id), draftPath(folder, id)]) rmSync(path, { force: true });
    });
  } finally {
    session.close();
    rmSync(lockPath(folder, id), { force: true });
  }
}

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

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Where `query` stands in `text` by folded comparison, in UTF-16 units of the text as it is, whole characters each. */
export function findFolded(text: string, query: string): readonly TextRange[] {
  const wanted = foldText(query);
  if (wanted === "" || !foldText(text).includes(wanted)) return [];
  // folding changes lengths (ﾃﾞ becomes one character), so each folded unit remembers the character it came from
  let folded = "";
  const origins: TextRange[] = [];
  let index = 0;
  for (const segment of segmentsOf(text, "grapheme")) {
    const piece = foldText(segment);
    folded += piece;
    for (let unit = 0; unit < piece.length; unit++) origins.push({ start: index, end: index + segment.length });
    index += segment.length;
  }
  const ranges: TextRange[] = [];
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
    const [first, last] = [origins[at], origins[at + wanted.length - 1]];
    if (first !== undefined && last !== undefined) ranges.push({ start: first.start, end: last.end });
  }
  return ranges;
}
