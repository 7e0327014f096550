import { InputHistory, inputHistoryPath } from "../chat/input-history.ts";
import type { InterfaceLanguage } from "../config/interface.ts";
import { failed, phraseIn } from "../failures/failure.ts";
import { exportedAs, exportSession, importSession } from "../memory/export-session.ts";
import { messageFrom } from "../memory/session-event.ts";
import { describeDamage } from "../memory/read-session.ts";
import { searchSessions } from "../memory/search-sessions.ts";
import { attempt } from "../memory/session-file.ts";
import { findSession, loadSession, loadSessions, removeSession, sessionsFolder } from "../memory/session-folder.ts";
import { Session } from "../memory/session.ts";
import { writeNewUserFile } from "../platform/new-user-file.ts";
import { readUserFile } from "../platform/user-file.ts";
import { showableText } from "../text/showable-text.ts";
import { confirmWith } from "./confirm.ts";
import type { Interrupts } from "./interrupts.ts";
import { listText, matchText, sessionJson, showText } from "./sessions-text.ts";
import { MAX_INPUT_BYTES, readStandardInput } from "./standard-input.ts";
import { type CommandWords, commandWordsIn } from "./words/index.ts";
import type { World } from "./world.ts";

export interface JsonFlag {
  readonly json?: boolean;
}

export interface ExportFlags extends JsonFlag {
  readonly format?: "markdown" | "html" | "json";
  readonly output?: string;
}

const FORMATS = { markdown: "md", html: "html", json: "json" } as const;

/** `gpt-oss sessions`: what is kept of earlier conversations. What was asked for goes to standard output, all else to standard error. */
export class SessionCommands {
  readonly #world: World;
  readonly #folder: string;
  readonly #words: CommandWords;

  constructor(world: World, language: InterfaceLanguage) {
    this.#world = world;
    this.#folder = sessionsFolder(world.environment);
    this.#words = commandWordsIn(language);
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
    if (query.trim() === "") throw failed("nothingToSearch", []);
    const matches = [...searchSessions(this.#folder, query)];
    if (json) this.#print(matches);
    else if (matches.length === 0) this.#note(this.#words.sessions.nothingSaid(JSON.stringify(query)));
    else this.#write(matches.map((match) => matchText(match, this.#colour, this.#words)).join("\n"));
  }

  async rename(reference: string, words: readonly string[], { json }: JsonFlag): Promise<void> {
    const title = words.join(" ").trim();
    if (title === "") throw failed("emptyTitle", []);
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
    if (sentence !== undefined) this.#note(phraseIn(this.#words.language, sentence));
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
