import { OfferedTools } from "./offered-tools.ts";
import { Transcript } from "./transcript.ts";

/**
 * opening: nothing but words so far. undecided: words that may turn out to be stripped harmony. between: after a message.
 * header: up to `<|message|>`. body: inside a message. loose: text outside of any message, which is shown.
 * stripped-…: in text whose control tokens someone has removed.
 */
type State = "opening" | "undecided" | "between" | "header" | "body" | "loose" | "stripped-header" | "stripped-body";

/** Where a completion is being read: what the readers of the states share. */
export class Reading {
  readonly transcript = new Transcript();
  readonly tools: OfferedTools;
  state: State = "opening";
  /** Text that has not been read yet begins at `at`. */
  text = "";
  at = 0;
  /** The words of a header, or of what may become one. */
  words = "";
  /** The prompt's part of the first header. */
  promptWords = "";
  /** A channel's name that stood alone before `<|end|>`: the answer, if nothing else turns out to be one. */
  loneWord = "";
  /** Whether a control token has been taken for one. */
  sawToken = false;
  /** The end of undecided text, in which glue may have begun. */
  glueTail = "";
  /** The channel that a stripped message's name said. */
  strippedChannel = "";

  constructor(tools: readonly string[]) {
    this.tools = new OfferedTools(tools);
  }

  /** Moves to `to` and gives what lies between. */
  take(to: number): string {
    const text = this.text.slice(this.at, to);
    this.at = to;
    return text;
  }

  /** Forgets what has been read. */
  compact(): void {
    this.text = this.text.slice(this.at);
    this.at = 0;
  }
}
