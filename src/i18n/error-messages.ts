import type { InterfaceLanguage, ErrorMessage } from "./language.ts";
import {
  type ErrorCode,
  GptOssError,
  type GptOssErrorOptions,
  type ErrorDetail,
  type MessageParameter,
} from "../errors/errors.ts";
import * as english from "./en/errors.ts";
import * as japanese from "./ja/errors.ts";

export type ErrorKey = keyof typeof english.errors;
export type ErrorDetailKey = keyof typeof english.reasons;

/** A reason of ours, or the words of someone else: a system, a compiler, a server. */
export type LocalizedText = string | ErrorDetail;

/** Where an entry takes a text, a reason may stand, which is then said in the language of the whole. */
type Said<Parameters extends readonly unknown[]> = {
  readonly [Index in keyof Parameters]: Parameters[Index] | (string extends Parameters[Index] ? ErrorDetail : never);
};

/** Of the catalogue, programs that use the library load this part alone. */
const LANGUAGES: Readonly<
  Record<
    InterfaceLanguage,
    {
      readonly errors: Readonly<Record<string, (...parameters: never[]) => ErrorMessage>>;
      readonly reasons: Readonly<Record<string, (...parameters: never[]) => string>>;
    }
  >
> = { en: english, ja: japanese };

/** A failure by its entry in the catalogue: its message is the English one, and its wording lets it be said in others. */
export function createError<Key extends ErrorKey>(
  key: Key,
  parameters: Said<Parameters<(typeof english.errors)[Key]>>,
  { cause, isRetryable }: Pick<GptOssErrorOptions, "cause" | "isRetryable"> = {},
): GptOssError {
  const wording = { key, parameters };
  const entry: (...given: never[]) => ErrorMessage & { readonly code: ErrorCode } = english.errors[key];
  const { code, message, hint } = entry(...parametersIn("en", parameters));
  return new GptOssError(code, message, { wording, cause, isRetryable, ...(hint !== undefined && { hint }) });
}

/** Why something is so, to be put into a failure. */
export function errorDetail<Key extends ErrorDetailKey>(
  key: Key,
  ...parameters: Said<Parameters<(typeof english.reasons)[Key]>>
): ErrorDetail {
  return { reason: key, parameters };
}

/** What is said of a failure in a language; in English where there are no other words for it. */
export function errorMessageIn(error: GptOssError, language: InterfaceLanguage): ErrorMessage {
  const { message, hint, wording } = error;
  const own = { message, ...(hint !== undefined && { hint }) };
  return (wording && sayIn(language, wording)) ?? own;
}

/** A phrase in a language. */
export function localize(language: InterfaceLanguage, phrase: LocalizedText): string {
  if (typeof phrase === "string") return phrase;
  const { reasons } = LANGUAGES[language];
  const entry = Object.hasOwn(reasons, phrase.reason) ? reasons[phrase.reason] : undefined;
  return entry?.(...parametersIn(language, phrase.parameters)) ?? phrase.reason;
}

function sayIn(
  language: InterfaceLanguage,
  { key, parameters }: { readonly key: string; readonly parameters: readonly MessageParameter[] },
): ErrorMessage | undefined {
  const { errors } = LANGUAGES[language];
  if (!Object.hasOwn(errors, key)) return undefined;
  const said = errors[key]?.(...parametersIn(language, parameters));
  return said && { message: said.message, ...(said.hint !== undefined && { hint: said.hint }) };
}

/** They were checked against the entry where the failure was made. */
function parametersIn(language: InterfaceLanguage, parameters: readonly MessageParameter[]): never[] {
  return parameters.map((value) =>
    typeof value === "object" && value !== null ? localize(language, value) : value,
  ) as never[];
}
