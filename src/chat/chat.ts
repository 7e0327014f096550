import type { EditorResult } from "./editor.ts";
import type { Messages } from "./language/index.ts";
import type { Screen } from "./screen.ts";
import type { Talk } from "./talk.ts";

/** What a chat consists of, for its loop and its commands. */
export interface Chat {
  readonly messages: Messages;
  readonly screen: Screen;
  readonly talk: Talk;
  /** The current folder. */
  readonly folder: string;
  /** Lets the user edit a text; undefined where there is no terminal. */
  readonly edit: ((text: string) => EditorResult) | undefined;
  /** Puts a text on the clipboard. */
  readonly copy: (text: string) => void;
}
