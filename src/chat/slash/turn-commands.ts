import type { Chat } from "../chat.ts";
import { DONE, type Outcome, type SlashCommand } from "./slash-command.ts";

const LONGEST_QUESTION = 60;

export const undo: SlashCommand = {
  parameters: "[n]",
  async run(argument, { talk, screen, messages }) {
    const count = argument === "" ? 1 : Number(argument);
    if (!Number.isInteger(count) || count < 1) {
      screen.note(messages.wrongArgument("/undo", argument, "1, 2, 3, …"));
      return DONE;
    }
    const questions = await talk.undo(count);
    const oldest = questions.at(-1);
    screen.note(oldest === undefined ? messages.nothingToUndo : messages.undone(questions.length, shortened(oldest)));
    return DONE;
  },
};

export const retry: SlashCommand = {
  async run(_argument, { talk, screen, messages }) {
    const [question] = await talk.undo(1);
    if (question !== undefined) return { kind: "ask", question };
    screen.note(messages.nothingToRetry);
    return DONE;
  },
};

export const edit: SlashCommand = {
  async run(_argument, chat): Promise<Outcome> {
    const { talk, screen, messages } = chat;
    const last = (await talk.turns()).at(-1);
    if (last === undefined) {
      screen.note(messages.nothingToEdit);
      return DONE;
    }
    const edited = editedBy(chat, last.question);
    if (edited === undefined || edited.trim() === "") return DONE;
    await talk.undo(1);
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
