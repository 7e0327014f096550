import type { InterfaceLanguage } from "../config/interface.ts";
import { GptOssError, messageOf } from "../errors.ts";
import { sentencesOf } from "../failures/failure.ts";
import { showableText } from "../text/showable-text.ts";
import { explainFileError } from "./explain-file-error.ts";
import { messagesIn } from "./language/index.ts";

/** A failure for a person: what happened and, on a line of its own, what to do. Never a stack. */
export function describeFailure(failure: unknown, language: InterfaceLanguage): string {
  // a server, a file or a model may have had its say in it
  const explained = GptOssError.isInstance(failure) ? failure : explainFileError(failure);
  if (!explained) return showableText(messagesIn(language).defect(messageOf(failure)));
  const { message, hint } = sentencesOf(explained, language);
  return showableText(hint ? `${message}\n${hint}` : message);
}
