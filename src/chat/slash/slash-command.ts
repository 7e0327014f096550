import type { ChatText } from "../../i18n/catalogue.ts";
import type { ChatSession } from "../chat-session.ts";
import type { EditorResult } from "../external-programs.ts";
import type { Screen } from "../screen.ts";

/** A command has a line of help in every language, and what has a line of help is a command. */
export type CommandName = keyof ChatText["commands"];

/** What follows from a command. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "leave" }
  /** A question to be answered now. */
  | { readonly kind: "ask"; readonly question: string }
  /** The interrupted answer continues. */
  | { readonly kind: "continue" };

export const DONE: Outcome = { kind: "done" };

export interface SlashCommand {
  /** As help writes them: `[n]`. */
  readonly parameters?: string;
  /** What Tab offers for the argument so far; the session may still be loading. */
  readonly choices?: (
    chatSession: Chat["chatSession"] | undefined,
    argument: string,
    folder: string,
  ) => readonly string[];
  /** The argument is a path. */
  readonly takesPath?: boolean;
  readonly run: (argument: string, chat: Chat) => Outcome | Promise<Outcome>;
}

/** What a chat consists of, for its loop and its commands. */
export interface Chat {
  readonly messages: ChatText;
  readonly screen: Screen;
  readonly chatSession: ChatSession;
  /** The current folder. */
  readonly folder: string;
  /** Lets the user edit a text; undefined without a terminal. */
  readonly edit: ((text: string) => EditorResult) | undefined;
  /** Puts a text on the clipboard. */
  readonly copy: (text: string) => void;
}
