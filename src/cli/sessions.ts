import { InputHistory, inputHistoryPath } from "../chat/input-history.ts";
import { createError, localize } from "../i18n/error-messages.ts";
import { type CliText, textFor } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { exportedAs, exportSession, importSession } from "../memory/export-session.ts";
import { messageFrom, describeDamage } from "../memory/session-event.ts";
import { attempt } from "../memory/session-file.ts";
import {
  searchSessions,
  findSession,
  loadSession,
  loadSessions,
  removeSession,
  sessionsFolder,
  type TextRange,
  type SessionMatch,
  type StoredSession,
} from "../memory/session-folder.ts";
import { Session } from "../memory/session.ts";
import { writeNewUserFile, readUserFile } from "../platform/user-file.ts";
import { localDate } from "../terminal/format.ts";
import { padTo, widthOf } from "../terminal/text-width.ts";
import { showableText, showableLine } from "../terminal/untrusted-text.ts";
import type { CommandContext } from "./command-options.ts";
import { confirmWith } from "./confirm.ts";
import type { Interrupts } from "./process-events.ts";
import { MAX_INPUT_BYTES, readStandardInput } from "./standard-input.ts";

export interface JsonFlag {
  readonly json?: boolean;
}

export interface ExportFlags extends JsonFlag {
  readonly format?: "markdown" | "html" | "json";
  readonly output?: string;
}

const FORMATS = { markdown: "md", html: "html", json: "json" } as const;

/** `gpt-oss sessions`: the saved conversations. Results go to standard output, everything else to standard error. */
export class SessionCommands {
  readonly #world: CommandContext;
  readonly #folder: string;
  readonly #words: CliText;

  constructor(world: CommandContext, language: InterfaceLanguage) {
    this.#world = world;
    this.#folder = sessionsFolder(world.environment);
    this.#words = textFor(language).cli;
  }

  list({ json }: JsonFlag): void {
    const sessions = loadSessions(this.#folder);
    for (const { id, damage } of sessions) this.#noteDamage(id, damage);
    if (json) this.#print(sessions.map(sessionJson));
    else if (sessions.length === 0) this.#note(this.#words.sessions.none);
    else this.#write(listText(sessions, this.#words));
  }

  show(reference: string, { json }: JsonFlag): void {
    const session = this.#load(reference);
    if (json) this.#print(exportSession(session));
    else this.#write(showText(session, this.#colour, this.#words));
  }

  search(words: readonly string[], { json }: JsonFlag): void {
    const query = words.join(" ");
    if (query.trim() === "") throw createError("nothingToSearch", []);
    const matches = [...searchSessions(this.#folder, query)];
    if (json) this.#print(matches);
    else if (matches.length === 0) this.#note(this.#words.sessions.nothingSaid(JSON.stringify(query)));
    else this.#write(matches.map((match) => matchText(match, this.#colour, this.#words)).join("\n"));
  }

  async rename(reference: string, words: readonly string[], { json }: JsonFlag): Promise<void> {
    const title = words.join(" ").trim();
    if (title === "") throw createError("emptyTitle", []);
    const session = await Session.open({
      folder: this.#folder,
      id: findSession(this.#folder, reference),
      purpose: "change",
    });
    try {
      session.append({ type: "renamed", title });
      if (json) this.#print({ id: session.id, title });
      else this.#note(this.#words.sessions.renamed(session.id, JSON.stringify(title)));
    } finally {
      session.close();
    }
  }

  export(reference: string, { format, output, json }: ExportFlags): void {
    const session = this.#load(reference);
    const text = exportedAs(json === true ? "json" : FORMATS[format ?? "markdown"], session);
    if (output === undefined) {
      this.#world.stdout.write(text);
      return;
    }
    this.#note(this.#words.sessions.written(writeNewUserFile(output, text, this.#world.folder)));
  }

  async import(file: string, { json }: JsonFlag): Promise<void> {
    const text =
      file === "-"
        ? await readStandardInput(this.#world)
        : readUserFile(file, { folder: this.#world.folder, maxBytes: MAX_INPUT_BYTES });
    const words = this.#words.sessions;
    const { id, state } = await importSession(this.#folder, text, file === "-" ? words.standardInput : file);
    if (json) this.#print({ id, title: state.title });
    else this.#note(words.imported(id, JSON.stringify(state.title ?? words.untitled), state.turns));
  }

  async delete(
    references: readonly string[],
    { yes, json }: JsonFlag & { readonly yes?: boolean },
    interrupts: Interrupts,
  ): Promise<void> {
    const ids = [...new Set(references.map((reference) => findSession(this.#folder, reference)))];
    const { stdin, stderr } = this.#world;
    const confirm = confirmWith({ yes: yes === true, terminal: stdin.isTTY && stderr.isTTY, interrupts });
    const words = this.#words.sessions;
    const deleted: string[] = [];
    for (const id of ids) {
      const { state, events } = loadSession(this.#folder, id);
      const { title = words.untitled } = state;
      if (!confirm(words.deleteQuestion(id, title))) continue;
      // undone messages were typed too
      const asked = events.flatMap((event) => (event.type === "message" ? messageFrom(event.message) : []));
      await removeSession(this.#folder, id);
      const historyPath = inputHistoryPath(this.#world.environment);
      attempt(historyPath, () => {
        new InputHistory(historyPath).removeSession(
          id,
          asked.filter(({ type }) => type === "human").map(({ text }) => text),
        );
      });
      deleted.push(id);
      if (!json) this.#note(words.deleted(id));
    }
    if (json) this.#print({ deleted });
  }

  get #colour(): boolean {
    const { stdout, environment } = this.#world;
    return stdout.isTTY && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  }

  #load(reference: string) {
    const session = loadSession(this.#folder, findSession(this.#folder, reference));
    this.#noteDamage(session.id, session.damage);
    return session;
  }

  #noteDamage(...[id, damage]: Parameters<typeof describeDamage>): void {
    const sentence = describeDamage(id, damage);
    if (sentence !== undefined) this.#note(localize(this.#words.language, sentence));
  }

  #note(sentence: string): void {
    this.#world.stderr.write(`${showableText(sentence)}\n`);
  }

  #print(value: unknown): void {
    this.#write(JSON.stringify(value, undefined, 2));
  }

  #write(text: string): void {
    this.#world.stdout.write(`${text}\n`);
  }
}

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
export function listText(sessions: readonly StoredSession[], { sessions: words }: CliText): string {
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

export function showText({ state }: StoredSession, colour: boolean, { sessions: words }: CliText): string {
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
export function matchText(match: SessionMatch, colour: boolean, { sessions: words }: CliText): string {
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
