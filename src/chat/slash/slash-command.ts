import type { Chat } from "../chat.ts";
import type { Messages } from "../language/index.ts";

/** A command has a line of help in every language, and what has a line of help is a command. */
export type CommandName = keyof Messages["commands"];

/** What follows from a command. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "leave" }
  /** A question to be answered now. */
  | { readonly kind: "ask"; readonly question: string }
  /** The interrupted answer goes on. */
  | { readonly kind: "continue" };

export const DONE: Outcome = { kind: "done" };

export interface SlashCommand {
  /** As help writes them: `[n]`. */
  readonly parameters?: string;
  /** What Tab offers for the argument that has begun; the talk may still be loading. */
  readonly choices?: (talk: Chat["talk"] | undefined, argument: string, folder: string) => readonly string[];
  /** The argument is a path. */
  readonly takesPath?: boolean;
  readonly run: (argument: string, chat: Chat) => Outcome | Promise<Outcome>;
}
