import readlineSync from "readline-sync";
import { createError } from "../i18n/error-messages.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import type { Interrupts } from "./process-events.ts";

export interface ConfirmOptions {
  /** Answer every question with yes. */
  readonly yes: boolean;
  /** Both the question and its answer need one. */
  readonly terminal: boolean;
  readonly interrupts: Interrupts;
}

/**
 * Asks before something large is fetched or something is installed.
 * @returns a function that is true for yes; it throws GptOssError `usage` when there is nobody to ask
 */
export function confirmWith({ yes, terminal, interrupts }: ConfirmOptions): (question: string) => boolean {
  return (question) => {
    if (yes) return true;
    if (!terminal) {
      throw createError("noTerminalToAsk", [question]);
    }
    // readline-sync blocks the event loop: with a listener, Ctrl-C would be ignored until Enter
    const answer = interrupts.suspendedDuring(() => readlineSync.question(`${showableLine(question)} [Y/n] `));
    return /^(y(es)?|はい)?$/i.test(answer.trim());
  };
}
