import { speakerOf } from "../memory/session-page.ts";
import type { TextRange } from "../memory/fold-text.ts";
import type { SessionMatch } from "../memory/search-sessions.ts";
import { showableLine, showableText } from "../text/showable-text.ts";
import type { StoredSession } from "../memory/session-folder.ts";

const [BOLD, PLAIN] = ["\x1b[1m", "\x1b[22m"];
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
export function listText(sessions: readonly StoredSession[]): string {
  const models = Math.max(...sessions.map(({ state }) => state.started?.model?.length ?? 1));
  return sessions
    .map(({ id, state }) =>
      [
        id,
        localTime(state.lastAt),
        `${state.turns} ${state.turns === 1 ? "turn " : "turns"}`.padStart(10),
        printable(state.started?.model ?? "?").padEnd(models),
        printable(state.title ?? ""),
      ].join("  "),
    )
    .join("\n");
}

export function showText({ state }: StoredSession, colour: boolean): string {
  const name = (kind: string) => (colour ? `${BOLD}${speakerOf(kind)}:${PLAIN}` : `${speakerOf(kind)}:`);
  return state.messages
    .map(({ message, interrupted }) => {
      const cut = interrupted ? " [interrupted]" : "";
      return `${name(message.type)} ${showableText(message.text)}${cut}`;
    })
    .join("\n");
}

/** A line a message: session, when it was said, by whom, and the words with what stands around them. */
export function matchText({ id, at, kind, text, ranges }: SessionMatch, colour: boolean): string {
  return [id, localTime(at), `${speakerOf(kind)}:`, excerpt(text, ranges, colour)].join("  ");
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
function localTime(at: string | undefined): string {
  if (at === undefined) return "undated".padEnd(16);
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
