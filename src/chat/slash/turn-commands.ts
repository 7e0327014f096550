import { padTo, widthOf } from "../../terminal/text-width.ts";
import { type Chat, DONE, type Outcome, type SlashCommand } from "./slash-command.ts";

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
