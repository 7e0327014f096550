import { EXPORT_FORMATS, type ExportFormat } from "../../memory/export-session.ts";
import { failed } from "../../i18n/error-messages.ts";
import { writeNewUserFile } from "../../platform/new-user-file.ts";
import { localDate } from "../../terminal/format.ts";
import { DONE, type SlashCommand } from "./slash-command.ts";
import { showTools } from "./setting-commands.ts";

const MAX_LISTED = 20;

export const begin: SlashCommand = {
  async run(_argument, { chatSession, screen, messages }) {
    const left = await chatSession.begin();
    screen.note(left === undefined ? messages.cleared : messages.clearedKept(left));
    return DONE;
  },
};

export const clear: SlashCommand = {
  async run(argument, chat) {
    chat.screen.clear();
    return await begin.run(argument, chat);
  },
};

export const sessions: SlashCommand = {
  run(_argument, { chatSession, screen, messages }) {
    const all = chatSession.sessions();
    if (all.length === 0) screen.note(messages.noSessions);
    for (const { id, at, turns, title } of all.slice(0, MAX_LISTED)) {
      const mark = id === chatSession.sessionId ? "*" : " ";
      screen.note(`${mark} ${messages.sessionLine(id, timeOf(at), turns, title ?? messages.untitled)}`);
    }
    if (all.some(({ id }) => id === chatSession.sessionId)) screen.note(messages.currentSession);
    return DONE;
  },
};

export const resume: SlashCommand = {
  parameters: "<id|title>",
  choices: (chatSession) => (chatSession?.sessions() ?? []).map(({ id }) => id),
  async run(argument, chat) {
    const { chatSession, screen, messages } = chat;
    if (argument === "") {
      screen.note(messages.needsArgument("/resume", resume.parameters ?? ""));
      return await sessions.run("", chat);
    }
    await chatSession.resume(argument);
    const turns = await chatSession.turns();
    screen.note(messages.resumed(chatSession.title ?? messages.untitled, turns.length));
    const last = turns.at(-1);
    if (last !== undefined) screen.repeat(last.question, last.answer);
    if (chatSession.tools.length > 0) showTools(chat);
    return DONE;
  },
};

export const search: SlashCommand = {
  parameters: "<words>",
  run(argument, { chatSession, screen, messages }) {
    if (argument === "") {
      screen.note(messages.needsArgument("/search", search.parameters ?? ""));
      return DONE;
    }
    const findings = chatSession.search(argument);
    if (findings.length === 0) screen.note(messages.noMatches(argument));
    for (const { id, at, before, found, after } of findings.slice(0, MAX_LISTED))
      screen.finding(`${id}  ${dayOf(at)}  `, before, found, after);
    return DONE;
  },
};

export const title: SlashCommand = {
  parameters: "[text]",
  run(argument, { chatSession, screen, messages }) {
    if (!chatSession.isKept) screen.note(messages.notSaved);
    else if (argument === "") screen.note(messages.titleIs(chatSession.title ?? messages.untitled));
    else {
      chatSession.rename(argument);
      screen.note(messages.titleSet(argument));
    }
    return DONE;
  },
};

export const exportChat: SlashCommand = {
  parameters: "<file.md|.html|.json>",
  takesPath: true,
  async run(argument, chat) {
    const { chatSession, screen, messages, folder } = chat;
    if ((await chatSession.turns()).length === 0) screen.note(messages.nothingToExport);
    else if (argument === "") screen.note(messages.needsArgument("/export", exportChat.parameters ?? ""));
    else {
      const path = writeNewUserFile(argument, await chatSession.exportAs(formatOf(argument)), folder);
      screen.note(messages.exported(path));
    }
    return DONE;
  },
};

/** By the ending of the file's name; Markdown where it has none. @throws GptOssError `usage` for another one */
function formatOf(path: string): ExportFormat {
  const ending = /\.(\w+)["']?$/.exec(path)?.[1]?.toLowerCase() ?? "md";
  const format = EXPORT_FORMATS.find((known) => known === (ENDINGS[ending] ?? ending));
  if (format === undefined)
    throw failed("unknownExportFormat", [`.${ending}`, EXPORT_FORMATS.map((known) => `.${known}`).join(", ")]);
  return format;
}

const ENDINGS: Readonly<Record<string, ExportFormat>> = { markdown: "md", txt: "md", htm: "html" };

/** `YYYY-MM-DD HH:MM` where the user is. */
function timeOf(at: string | undefined): string {
  if (at === undefined) return "";
  const moment = new Date(at);
  const [hours, minutes] = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0"));
  return `${localDate(moment)} ${hours}:${minutes}`;
}

function dayOf(at: string | undefined): string {
  return at === undefined ? "" : localDate(new Date(at));
}
