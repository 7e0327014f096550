import type { TextRange } from "../memory/find-folded.ts";
import type { SessionMatch } from "../memory/search-sessions.ts";
import { showableLine, showableText } from "../text/showable-text.ts";
import type { StoredSession } from "../memory/session-folder.ts";
import { localDate } from "../text/local-date.ts";
import { padTo, widthOf } from "../text/width.ts";
import type { CommandWords } from "./words/index.ts";

const [BOLD, PLAIN] = ["\x1b[1m", "\x1b[22m"];
const TURNS_WIDTH = 10;
const TIME_WIDTH = 16;
/** Characters of a message that are shown before and after the first match. */
const AROUND = { before: 30, after: 90 };

/** What `--json` tells of a session. */
export function sessionJson({ id, state }: StoredSession) {
  return {
    id,
    title: state.title ?? null,
    model: state.started?.model ?? null,
    started: state.started?.at ?? null,
    last: state.lastAt ?? null,
    turns: state.turns,
  };
}

/** A line a session: id, when it was last used, turns, model, title. */
export function listText(sessions: readonly StoredSession[], { sessions: words }: CommandWords): string {
  const models = Math.max(...sessions.map((session) => widthOf(modelOf(session))));
  return sessions
    .map((session) =>
      [
        session.id,
        localTime(session.state.lastAt, words.undated),
        padTo(words.turns(session.state.turns), TURNS_WIDTH, "right"),
        padTo(modelOf(session), models),
        printable(session.state.title ?? ""),
      ].join("  "),
    )
    .join("\n");
}

function modelOf({ state }: StoredSession): string {
  return printable(state.started?.model ?? "?");
}

export function showText({ state }: StoredSession, colour: boolean, { sessions: words }: CommandWords): string {
  const name = (kind: string) => {
    const speaker = `${words.speakers[kind] ?? kind}:`;
    return colour ? BOLD + speaker + PLAIN : speaker;
  };
  return state.messages
    .map(({ message, interrupted }) => {
      const cut = interrupted ? ` ${words.interrupted}` : "";
      return `${name(message.type)} ${showableText(message.text)}${cut}`;
    })
    .join("\n");
}

/** A line a message: session, when it was said, by whom, and the words with what stands around them. */
export function matchText(match: SessionMatch, colour: boolean, { sessions: words }: CommandWords): string {
  const { id, at, kind, text, ranges } = match;
  const speaker = `${words.speakers[kind] ?? kind}:`;
  return [id, localTime(at, words.undated), speaker, excerpt(text, ranges, colour)].join("  ");
}

function excerpt(text: string, ranges: readonly TextRange[], colour: boolean): string {
  const first = ranges[0]?.start ?? 0;
  const start = first > AROUND.before + 3 ? first - AROUND.before : 0;
  const end = Math.min(text.length, first + AROUND.after);
  let shown = start > 0 ? "…" : "";
  let at = start;
  for (const range of ranges) {
    if (range.end > end) break;
    const words = printable(text.slice(range.start, range.end));
    shown += printable(text.slice(at, range.start)) + (colour ? `${BOLD}${words}${PLAIN}` : words);
    at = range.end;
  }
  return shown + printable(text.slice(at, end)) + (end < text.length ? "…" : "");
}

/** On one line, whatever it holds. */
function printable(text: string): string {
  return showableLine(text.replaceAll(/\s/g, " "));
}

/** `YYYY-MM-DD HH:MM` where the user is. */
function localTime(at: string | undefined, undated: string): string {
  if (at === undefined) return padTo(undated, TIME_WIDTH);
  const date = new Date(at);
  return `${localDate(date)} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
