import { GptOssError, messageOf, systemCodeOf } from "../errors/errors.ts";
import { errorMessageIn, createError } from "../i18n/error-messages.ts";
import { textFor } from "../i18n/catalogue.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { showableText } from "../terminal/untrusted-text.ts";

/** A failure for a person: what happened and, on a line of its own, what to do. Never a stack. */
export function describeError(failure: unknown, language: InterfaceLanguage): string {
  // a server, a file or a model may have had its say in it
  const explained = GptOssError.isInstance(failure) ? failure : explainFileError(failure);
  if (!explained) return showableText(textFor(language).chat.defect(messageOf(failure)));
  const { message, hint } = errorMessageIn(explained, language);
  return showableText(hint ? `${message}\n${hint}` : message);
}

/** What the operating system refused to do with a file or a folder, in a sentence; undefined when that is not what was thrown. */
export function explainFileError(thrown: unknown): GptOssError | undefined {
  const code = systemCodeOf(thrown);
  if (code === undefined || typeof thrown !== "object" || thrown === null) return undefined;
  if (!("path" in thrown) || typeof thrown.path !== "string") return undefined;
  return createError("unusablePath", [thrown.path, code], { cause: thrown });
}
