import { createError } from "../../i18n/error-messages.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../../memory/memory-options.ts";
import { writeNewUserFile } from "../../platform/user-file.ts";
import { localDate } from "../../terminal/format.ts";
import { padTo, widthOf } from "../../terminal/text-width.ts";
import { showTools } from "./setting-commands.ts";
import { DONE, type SlashCommand, type Chat, type Outcome } from "./slash-command.ts";

const MAX_LISTED = 20;

export const begin: SlashCommand = {
  async run(_argument, { chatSession, screen, messages }) {
    const left = await chatSession.startNew();
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
    if (!chatSession.isSaved) screen.note(messages.notSaved);
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
    throw createError("unknownExportFormat", [`.${ending}`, EXPORT_FORMATS.map((known) => `.${known}`).join(", ")]);
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

const LONGEST_QUESTION = 60;

export const undo: SlashCommand = {
  parameters: "[n]",
  async run(argument, { chatSession, screen, messages }) {
    const count = argument === "" ? 1 : Number(argument);
    if (!Number.isInteger(count) || count < 1) {
      screen.note(messages.wrongArgument("/undo", argument, "1, 2, 3, …"));
      return DONE;
    }
    const questions = await chatSession.undo(count);
    const oldest = questions.at(-1);
    screen.note(oldest === undefined ? messages.nothingToUndo : messages.undone(questions.length, shortened(oldest)));
    return DONE;
  },
};

export const retry: SlashCommand = {
  async run(_argument, { chatSession, screen, messages }) {
    const [question] = await chatSession.undo(1);
    if (question !== undefined) return { kind: "ask", question };
    screen.note(messages.nothingToRetry);
    return DONE;
  },
};

export const edit: SlashCommand = {
  async run(_argument, chat): Promise<Outcome> {
    const { chatSession, screen, messages } = chat;
    const last = (await chatSession.turns()).at(-1);
    if (last === undefined) {
      screen.note(messages.nothingToEdit);
      return DONE;
    }
    const edited = editedBy(chat, last.question);
    if (edited === undefined || edited.trim() === "") return DONE;
    await chatSession.undo(1);
    return { kind: "ask", question: edited };
  },
};

function editedBy({ edit: editText, screen, messages }: Chat, text: string): string | undefined {
  if (editText === undefined) {
    screen.note(messages.notNow("/edit"));
    return undefined;
  }
  const result = editText(text);
  if (result.kind === "text") return result.text;
  screen.note(messages.editorFailed(result.editor));
  return undefined;
}

export const goOn: SlashCommand = { run: () => ({ kind: "continue" }) };

function shortened(text: string): string {
  const [line = ""] = text.split("\n");
  const characters = Array.from(line);
  return characters.length > LONGEST_QUESTION ? `${characters.slice(0, LONGEST_QUESTION).join("")}…` : line;
}

const BAR_WIDTH = 40;
const CODE_BLOCK = /^(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n?\1[ \t]*$/gm;

/** What fills a context, drawn: a sign for each kind. */
const SIGNS = {
  system: "S",
  tools: "T",
  summary: "Σ",
  questions: "Q",
  calls: "C",
  answers: "A",
  room: "·",
  free: " ",
} as const;
type Kind = keyof typeof SIGNS;

export const context: SlashCommand = {
  async run(_argument, { chatSession, screen, messages }) {
    const { size, used, room, parts } = await chatSession.contextUse();
    if (size === undefined) {
      screen.note(messages.contextUnknown(used));
      return DONE;
    }
    const tokens: Record<Kind, number> = { ...parts, room, free: Math.max(0, size - used - room) };
    screen.note(messages.contextTitle(used, size, percentOf(used, size)));
    screen.note(`[${barOf(tokens, size, Math.min(BAR_WIDTH, screen.columns - 2))}]`);
    const names = messages.contextParts;
    const kinds = (Object.keys(SIGNS) as Kind[]).filter((kind) => tokens[kind] > 0);
    const width = Math.max(...kinds.map((kind) => widthOf(names[kind])));
    for (const kind of kinds) screen.note(`  ${SIGNS[kind]}  ${padTo(names[kind], width)}  ${tokens[kind]}`);
    return DONE;
  },
};

function percentOf(part: number, whole: number): number {
  return Math.round((part / whole) * 100);
}

/** A bar of the kinds in their order; whatever there is any of takes a place at least. */
function barOf(tokens: Readonly<Record<Kind, number>>, size: number, width: number): string {
  const filled = (Object.keys(SIGNS) as Kind[])
    .filter((kind) => kind !== "free" && tokens[kind] > 0)
    .map((kind) => SIGNS[kind].repeat(Math.max(1, Math.round((tokens[kind] / size) * width))))
    .join("");
  return filled.slice(0, width).padEnd(width, SIGNS.free);
}

export const stats: SlashCommand = {
  run(_argument, { chatSession, screen, messages }) {
    const answer = chatSession.last;
    if (answer === undefined) {
      screen.note(messages.statsNone);
      return DONE;
    }
    const { figures, thinking, text } = answer;
    const speed = (value: number | undefined) => (value === undefined ? messages.speedUnknown : messages.speed(value));
    if ((figures.modelCalls ?? 0) > 1) screen.note(messages.statsCalls(figures.modelCalls ?? 0));
    screen.note(messages.statsTime(secondsOf(figures.timeToFirstToken), secondsOf(figures.duration)));
    if (figures.promptTokens !== undefined)
      screen.note(
        messages.statsPrompt(figures.promptTokens, figures.promptTokensCached ?? 0, speed(figures.promptSpeed)),
      );
    const { answerTokens, thinkingTokens, textTokens, answerSpeed, isEstimate = false } = figures;
    if (answerTokens === undefined || thinkingTokens === undefined || textTokens === undefined)
      screen.note(messages.statsCharacters(Array.from(thinking).length, Array.from(text).length, speed(answerSpeed)));
    else screen.note(messages.statsAnswer(thinkingTokens, textTokens, isEstimate, answerTokens, speed(answerSpeed)));
    return DONE;
  },
};

function secondsOf(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "?" : `${(milliseconds / 1_000).toFixed(2)} s`;
}

export const copy: SlashCommand = {
  parameters: "[n]",
  async run(argument, { chatSession, screen, messages, copy: toClipboard }: Chat) {
    const answer = chatSession.last?.text || (await chatSession.turns()).at(-1)?.answer || "";
    const blocks = Array.from(answer.matchAll(CODE_BLOCK), (match) => match[2] ?? "");
    const text = argument === "" ? answer : blocks[Number(argument) - 1];
    if (answer === "") screen.note(messages.nothingToCopy);
    else if (text === undefined) {
      const allowed = blocks.map((_, index) => String(index + 1)).join(", ");
      screen.note(allowed === "" ? messages.noCodeToCopy : messages.wrongArgument("/copy", argument, allowed));
    } else {
      toClipboard(text);
      screen.note(messages.copied(Array.from(text).length));
    }
    return DONE;
  },
};
